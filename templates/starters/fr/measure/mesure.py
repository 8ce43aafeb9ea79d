"""Un nombre est-il dans une liste, dans un ensemble ? Par ligne, un nom et un temps."""

from timeit import repeat

SIZE, ROUNDS = 30, 2_000
numbers = list(range(SIZE))
kinds = {"list": numbers, "set": set(numbers)}

print(f"size = {SIZE} numbers")
# region lookups
for name, kind in kinds.items():
    seconds = min(repeat("-1 in kind", globals=globals(), number=ROUNDS))
    print(f"{name} = {seconds / ROUNDS * 1e6:.4f} us")
# endregion lookups
