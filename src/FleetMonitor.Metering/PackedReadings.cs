using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Metering;

/// <summary>
/// A device's readings at hand, in time order, packed into shared pages: appended at one end, settled from the other.
/// <code>
///   first page                                        last page
///   │ settled ──────────────────────▶│ unsettled ─────▶│
///                                    ▲ next to settle  ▲ end: the newest
/// </code>
/// A reading lies in one page: where the next one does not fit, zeros follow. Where the oldest are taken out, what else stands in the page of the
/// first that stays is written anew, and the pages behind it stay as they are. A mutable struct: it is a field of its meter, and of nothing else.
/// </summary>
internal struct PackedReadings(ReadingPages pages)
{
    private readonly ReadingPages _pages = pages;
    private Place _end;

    /// <summary>Where the oldest unsettled reading has just been passed; the end where there is none.</summary>
    private Place _next;
    private int _firstPage;

    public readonly ReadingPages Pages => _pages;

    public int Count { get; private set; }

    public int SettledCount { get; private set; }

    /// <summary>Means nothing where there are none.</summary>
    public readonly Reading Newest => _end.Coder.Last;

    public readonly Instant NewestAt => _end.Coder.LastAt;

    /// <summary>Asks the processor for the pages that the next readings go to and settle from.</summary>
    public readonly void Prefetch()
    {
        _pages.Prefetch(_end.Page);
        _pages.Prefetch(_next.Page);
    }

    /// <param name="reading">Later than all.</param>
    public void Append(in Reading reading)
    {
        if (_firstPage == ReadingPages.None)
        {
            _firstPage = _end.Page = _pages.Take();
        }

        _end.Write(reading, _pages);
        if (SettledCount == Count)
        {
            _next = _end;
        }

        Count++;
    }

    /// <summary>Puts another reading of its time in place of the newest, which is not settled.</summary>
    public void ReplaceNewest(in Reading reading)
    {
        bool hasOthers = SettledCount + 1 < Count;
        Place before = hasOthers ? _next : new Place { Page = _firstPage, Coder = _end.Coder.Anew() };
        for (int passed = hasOthers ? SettledCount + 1 : 0; passed < Count - 1; passed++)
        {
            before.Pass(_pages);
        }

        _pages.Release(_pages.Link(before.Page), _end.Page);
        before.Cut(_pages);
        _end = before;
        Count--;
        Append(reading);
    }

    /// <summary>Of the oldest unsettled reading; null where all are settled.</summary>
    public readonly Instant? NextUnsettledAt => SettledCount == Count ? null : _next.Coder.LastAt;

    /// <summary>The oldest unsettled reading, of which there is one, counts as settled from now on.</summary>
    public Reading SettleNext()
    {
        Reading settled = _next.Coder.Last;
        SettledCount++;
        if (SettledCount < Count)
        {
            _next.Pass(_pages);
        }

        return settled;
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

    /// <summary>Takes the oldest readings out.</summary>
    /// <param name="taken">For as many as it has room for, all of which have settled.</param>
    public void TakeOut(Span<Reading> taken)
    {
        var place = new Place { Page = _firstPage };
        foreach (ref Reading reading in taken)
        {
            place.Pass(_pages);
            reading = place.Coder.Last;
        }

        if (taken.Length == Count)
        {
            Replace([], 0);
            return;
        }

        (Count, SettledCount) = (Count - taken.Length, SettledCount - taken.Length);
        place.Pass(_pages);
        RewriteFrom(place);
    }

    /// <summary>Puts these in place of all.</summary>
    /// <param name="readings">In time order.</param>
    /// <param name="settled">How many of them are.</param>
    public void Replace(ReadOnlySpan<Reading> readings, int settled)
    {
        _pages.Release(_firstPage, _end.Page);
        this = new PackedReadings(_pages) { _end = new Place { Coder = _end.Coder.Anew() } };
        foreach (ref readonly Reading reading in readings)
        {
            Append(reading);
            if (SettledCount < settled)
            {
                SettleNext();
            }
        }
    }

    /// <summary>Writes anew what stays of a page, and leaves the pages before it.</summary>
    /// <param name="first">Where the first reading that stays has just been passed.</param>
    private void RewriteFrom(Place first)
    {
        var written = new Place { Page = _pages.Take(), Coder = first.Coder };
        int firstPage = written.Page;
        written.WriteAnew(_pages);
        int count = 1;
        _next = SettledCount == 0 ? written : _next;
        for (; count < Count && first.TryPassInPage(_pages); count++)
        {
            written.Write(first.Coder.Last, _pages);
            _next = SettledCount == count ? written : _next;
        }

        if (count == Count)
        {
            _end = written;
        }
        else
        {
            _pages.Link(written.Page) = _pages.Link(first.Page);
        }

        _next = SettledCount == Count ? _end : _next;
        _pages.Release(_firstPage, first.Page);
        _firstPage = firstPage;
    }

    /// <summary>Between two readings.</summary>
    private struct Place
    {
        /// <summary>Behind the last reading of a page there is room to say so.</summary>
        private const int Room = (ReadingPages.PageData * 8) - ReadingCoder.KindBits;

        /// <summary>Of a reading that goes on in a byte, and a word more.</summary>
        private const int LongestBytes = ((7 + ReadingCoder.Longest) / 8) + 1 + sizeof(ulong);

        public ReadingCoder Coder;
        public int Page;

        /// <summary>Bits of the page.</summary>
        public short Used;

        /// <summary>Writes a reading behind the last of all and passes it.</summary>
        /// <returns>False where the page has no room for it; a page of its own has.</returns>
        public bool TryWrite(in Reading reading, ReadingPages pages)
        {
            Span<byte> bytes = stackalloc byte[LongestBytes];
            Span<byte> rest = pages.Data(Page)[(Used / 8)..];
            var bits = new BitWriter(bytes, rest[0], Used % 8);
            ReadingCoder coder = Coder;
            coder.Write(reading, ref bits);
            int used = Used - (Used % 8) + bits.Length;
            if (used > Room)
            {
                return false;
            }

            bits.End().CopyTo(rest);
            (Coder, Used) = (coder, (short)used);
            return true;
        }

        /// <summary>The same, on a page more where that one has no room.</summary>
        public void Write(in Reading reading, ReadingPages pages)
        {
            if (!TryWrite(reading, pages))
            {
                int page = pages.Take();
                pages.Link(Page) = page;
                (Page, Used) = (page, 0);
                Demand(TryWrite(reading, pages));
            }
        }

        /// <summary>Begins a page with the reading that was passed last, somewhere else: what is written behind it comes out the same as there.</summary>
        public void WriteAnew(ReadingPages pages)
        {
            Span<byte> bytes = stackalloc byte[LongestBytes];
            var bits = new BitWriter(bytes, 0, 0);
            Coder.WriteAnew(ref bits);
            Demand(bits.Length <= Room);
            bits.End().CopyTo(pages.Data(Page));
            Used = (short)bits.Length;
        }

        public void Pass(ReadingPages pages)
        {
            if (!TryPassInPage(pages))
            {
                (Page, Used) = (pages.Link(Page), 0);
                TryPassInPage(pages);
            }
        }

        /// <returns>False where no reading follows in this page.</returns>
        public bool TryPassInPage(ReadingPages pages)
        {
            var bits = new BitReader(pages.DataAndMore(Page), Used);
            if (!Coder.TryRead(ref bits))
            {
                return false;
            }

            Used = (short)bits.Position;
            return true;
        }

        /// <summary>Makes an end of it: nothing follows.</summary>
        public readonly void Cut(ReadingPages pages)
        {
            pages.Link(Page) = ReadingPages.None;
            Span<byte> rest = pages.Data(Page)[(Used / 8)..];
            rest[0] &= (byte)((1 << (Used % 8)) - 1);
            rest[1..].Clear();
        }

        /// <summary>A page of its own has room for any reading (<see cref="ReadingCoder.Longest"/>); were it otherwise, energy would be lost.</summary>
        private static void Demand(bool fits)
        {
            if (!fits)
            {
                throw new InvalidOperationException("A reading takes more than a page.");
            }
        }
    }
}
