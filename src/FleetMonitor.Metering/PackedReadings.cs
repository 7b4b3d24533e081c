using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Metering;

/// <summary>
/// A device's readings at hand, in time order, packed into shared pages: appended at one end, settled from the other.
/// <code>
///   first page                                        last page
///   │ settled ──────────────────────▶│ unsettled ─────▶│
///                                    ▲ settled place   ▲ end: the newest
/// </code>
/// A mutable struct: it is a field of its meter, and of nothing else.
/// </summary>
internal struct PackedReadings(ReadingPages pages)
{
    private readonly ReadingPages _pages = pages;
    private Place _end;
    private Place _settled;

    /// <summary>Of the oldest unsettled reading: whoever only lets time pass need not unpack it.</summary>
    private Instant _nextAt;
    private int _firstPage;

    public readonly ReadingPages Pages => _pages;

    public int Count { get; private set; }

    public int SettledCount { get; private set; }

    /// <summary>Means nothing where there are none.</summary>
    public readonly Reading Newest => _end.Coder.Last;

    public readonly Instant NewestAt => _end.Coder.LastAt;

    /// <param name="reading">Later than all.</param>
    public void Append(in Reading reading)
    {
        Span<byte> bytes = stackalloc byte[ReadingCoder.Longest];
        ReadOnlySpan<byte> rest = bytes[.._end.Coder.Write(reading, bytes)];
        if (_firstPage == ReadingPages.None)
        {
            _firstPage = _end.Page = _settled.Page = _pages.Take();
        }

        while (true)
        {
            int fits = Math.Min(rest.Length, ReadingPages.PageData - _end.Used);
            rest[..fits].CopyTo(_pages.Data(_end.Page)[_end.Used..]);
            _end.Used += fits;
            rest = rest[fits..];
            if (rest.IsEmpty)
            {
                break;
            }

            int page = _pages.Take();
            _pages.Link(_end.Page) = page;
            (_end.Page, _end.Used) = (page, 0);
        }

        if (SettledCount == Count)
        {
            _nextAt = reading.At;
        }

        Count++;
    }

    /// <summary>Puts another reading of its time in place of the newest, which is not settled.</summary>
    public void ReplaceNewest(in Reading reading)
    {
        Place before = _settled;
        for (int i = SettledCount; i < Count - 1; i++)
        {
            before.Pass(_pages);
        }

        _pages.Release(_pages.Link(before.Page), _end.Page);
        _pages.Link(before.Page) = ReadingPages.None;
        _end = before;
        Count--;
        Append(reading);
    }

    /// <summary>Of the oldest unsettled reading; null where all are settled.</summary>
    public readonly Instant? NextUnsettledAt => SettledCount == Count ? null : _nextAt;

    /// <summary>The oldest unsettled reading, of which there is one, counts as settled from now on.</summary>
    public Reading SettleNext()
    {
        _settled.Pass(_pages);
        SettledCount++;
        if (SettledCount < Count)
        {
            Place ahead = _settled;
            ahead.Pass(_pages);
            _nextAt = ahead.Coder.LastAt;
        }

        return _settled.Coder.Last;
    }

    /// <summary>All readings, oldest first.</summary>
    public readonly void CopyTo(Span<Reading> readings)
    {
        var place = new Place { Page = _firstPage };
        for (int i = 0; i < Count; i++)
        {
            place.Pass(_pages);
            readings[i] = place.Coder.Last;
        }
    }

    /// <summary>Puts these in place of all.</summary>
    /// <param name="readings">In time order.</param>
    /// <param name="settled">How many of them are.</param>
    public void Replace(ReadOnlySpan<Reading> readings, int settled)
    {
        _pages.Release(_firstPage, _end.Page);
        this = new PackedReadings(_pages);
        foreach (ref readonly Reading reading in readings)
        {
            Append(reading);
        }

        while (SettledCount < settled)
        {
            SettleNext();
        }
    }

    /// <summary>Between two readings.</summary>
    private struct Place
    {
        public ReadingCoder Coder;
        public int Page;
        public int Used;

        public void Pass(ReadingPages pages)
        {
            if (Used == ReadingPages.PageData)
            {
                (Page, Used) = (pages.Link(Page), 0);
            }

            ReadOnlySpan<byte> here = pages.Data(Page)[Used..];
            int next = pages.Link(Page);
            if (here.Length >= ReadingCoder.Longest || next == ReadingPages.None)
            {
                Used += Coder.Read(here);
                return;
            }

            // It may go on in the next page, and no further: a page holds more than the longest.
            Span<byte> joined = stackalloc byte[ReadingCoder.Longest];
            here.CopyTo(joined);
            pages.Data(next)[..(joined.Length - here.Length)].CopyTo(joined[here.Length..]);
            int length = Coder.Read(joined);
            (Page, Used) = length <= here.Length ? (Page, Used + length) : (next, length - here.Length);
        }
    }
}
