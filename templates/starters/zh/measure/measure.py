"""一个数在列表里吗，在集合里吗？每行一个名称和一个时间。"""

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
