using System.Collections;

namespace FleetMonitor.Fleet;

/// <summary>
/// A list in segments of a fixed size, so that growing moves nothing. One array of what there is once a device would be moved to another of twice the
/// size again and again: half of that stays empty, and those left behind are large objects, which are given back last.
/// </summary>
public sealed class SegmentedList<T> : IReadOnlyList<T>
{
    private const int Shift = 9;
    private const int SegmentSize = 1 << Shift;
    private const int SegmentsKept = 8;

    private readonly List<T[]> _segments = [];

    public int Count { get; private set; }

    public ref T this[int index]
    {
        get
        {
            // A segment has room for more than there is.
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return ref _segments[index >> Shift][index & (SegmentSize - 1)];
        }
    }

    T IReadOnlyList<T>.this[int index] => this[index];

    public void Add(in T item)
    {
        if (Count == _segments.Count * SegmentSize)
        {
            _segments.Add(new T[SegmentSize]);
        }

        Count++;
        this[Count - 1] = item;
    }

    /// <summary>Empties it. Of its memory it keeps what a usual batch needs, and not what it needed when all devices had something at once.</summary>
    public void Clear()
    {
        if (_segments.Count > SegmentsKept)
        {
            _segments.RemoveRange(SegmentsKept, _segments.Count - SegmentsKept);
        }

        for (int left = Count, segment = 0; left > 0 && segment < _segments.Count; left -= SegmentSize, segment++)
        {
            Array.Clear(_segments[segment], 0, Math.Min(left, SegmentSize));
        }

        Count = 0;
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (int index = 0; index < Count; index++)
        {
            yield return this[index];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
