"""The generated file of weights: what `fanzha rules fit` learnt, as YAML that the loader lays over the written rules.

In: a Fit. Out: text; the same fit gives the same text, byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence

from fanzha.measure.fit import BOUNDS, BUDGETS, SEEN, Fit


def weights_file(fit: Fit, sets: Sequence[str]) -> str:
    """The file, with the written weight and the number of conversations beside each weight."""
    budgets = ", ".join(f"{name} {100 * budget:g}%" for name, (budget, _) in BUDGETS.items())
    lines = [
        "# 由 fanzha rules fit 生成, 不要手改: 改规则里写的 weight, 重新 measure --jsonl, 再 fit.",
        f"# 数据 (每个集同样分量): {', '.join(sorted(sets))}",
        f"# 平均对数损失 {fit.loss[0]:.4f} → {fit.loss[1]:.4f}; 每条权重限于所写的 {BOUNDS[0]:g}–{BOUNDS[1]:g} 倍,",
        f"# 计分不足 {SEEN} 段的信号不动. 门槛取自正常文字的误报预算: {budgets}.",
        "fit:",
        f"  base: {fit.base:.3f}",
        f"  scale: {fit.scale:.3f}",
        f"  levels: {{{', '.join(f'{name}: {score}' for name, score in fit.levels.items())}}}",
        "  weights:" if fit.weights else "  weights: {}",
    ]
    width = max(map(len, fit.weights), default=0) + 1
    for name, weight in sorted(fit.weights.items()):
        note = f"# 写 {fit.written[name]:.2f}, {fit.seen[name]} 段"
        lines.append(f"    {(name + ':').ljust(width)} {weight:.2f}  {note}")
    return "\n".join(lines) + "\n"
