"""The neuron's equations, each once, for both fast engines: they say what happens, the engines' kernels say when.

`elementary` has exp, expm1 and log as straight-line code; `flow` the coefficients of the closed-form solution and their
integrals; `equations` the steps of the forward and of the adjoint pass; `crossing` the first threshold crossing and the
maximum of V.
"""
