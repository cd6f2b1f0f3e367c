"""Yin-Yang in JAX: a linear layer makes spike times, a spiking network makes others of them, a linear layer reads.

Needs ``pip install 'spikeproof[jax]'``.
"""

import jax
import jax.numpy as jnp
import numpy as np

import spikeproof as sp
from spikeproof.bridges import Bridge, SpikeTimes
from spikeproof.bridges.jax import raising, spiking
from spikeproof.yin_yang import yin_yang

jax.config.update("jax_enable_x64", True)  # the engine computes in binary64
T, CHANNELS, CLASSES = 40.0, 8, 3
network = sp.chain(CHANNELS, 100, 20)
neuron = sp.NeuronParameters(tau_mem=20.0, tau_syn=5.0, v_th=1.0, t_ref=float("inf"))  # each neuron spikes once
weights = sp.normal_weights(network, {"input->hidden": (2.0, 2.0), "hidden->output": (0.5, 0.5)}, seed=1)
layer = spiking(Bridge(network, {"hidden": neuron, "output": neuron}, T, SpikeTimes("output", max_spikes=1)))


def loss(parameters, x, labels):
    """Cross-entropy of a batch, and how many answers are right: linear, spiking, linear."""
    input_times = 30.0 * jax.nn.sigmoid(12.0 * x @ parameters["before"])[..., None]  # one spike on each channel
    times, mask = layer(parameters["spiking"], input_times)
    first = jnp.where(mask, times, T)[..., 0]  # a neuron that is silent counts as one that spikes at the end
    scores = jax.nn.log_softmax((first / 10.0 - 1.0) @ parameters["after"] + parameters["bias"])
    return -jnp.mean(scores[jnp.arange(len(labels)), labels]), jnp.sum(jnp.argmax(scores, 1) == labels)


def adam(parameters, gradient, m, v, number):
    """Parameters and moments after step `number`, from 1."""
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, gradient)
    v = jax.tree.map(lambda v, g: 0.99 * v + 0.01 * g**2, v, gradient)
    rate = 0.01 * (1 - 0.99**number) ** 0.5 / (1 - 0.9**number)
    return jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-8), parameters, m, v), m, v


step, adam = raising(jax.jit(jax.value_and_grad(loss, has_aux=True))), jax.jit(adam)
random = np.random.default_rng(0)
before, after = random.uniform(-0.5, 0.5, (5, CHANNELS)), random.uniform(-0.2, 0.2, (20, CLASSES))
parameters = {"before": before, "spiking": weights, "after": after, "bias": np.zeros(CLASSES)}
parameters = jax.tree.map(jnp.asarray, parameters)
m, v = jax.tree.map(jnp.zeros_like, parameters), jax.tree.map(jnp.zeros_like, parameters)
points, labels = yin_yang(1000, seed=42)
x = np.hstack([points - 0.5, np.ones((len(points), 1))])  # the last column is for the bias of the first layer
for epoch in range(10):
    losses, right = [], 0
    for number, batch in enumerate(random.permutation(len(points)).reshape(-1, 50), start=1 + 20 * epoch):
        (value, n_right), gradient = step(parameters, x[batch], labels[batch])
        parameters, m, v = adam(parameters, gradient, m, v, number)
        losses.append(float(value))
        right += int(n_right)
    print(f"epoch {epoch}: loss {sum(losses) / len(losses):.3f}, right {right / len(points):.1%}")
