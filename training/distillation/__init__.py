# SPDX-License-Identifier: GPL-2.0-or-later
"""A training dataset without pixel labels: real scenes, labelled by a published network (knowledge distillation).

Hinton, Vinyals and Dean (2015), "Distilling the knowledge in a neural network", https://arxiv.org/abs/1503.02531.
"""
