using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FleetMonitor.Fleet;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Metering;

/// <summary>
/// The memory that the packed readings of many devices share, and where their meters stand, in pages of a cache line, linked:
/// <code>next page (4) · data (60)</code>
/// What a device lets go another takes: readings come and go without garbage, and a device occupies what it needs to within a page. One writer.
/// </summary>
public class ReadingPages
{
    /// <summary>Bytes of readings that a page holds.</summary>
    internal const int PageData = PageSize - LinkSize;

    /// <summary>No page: the end of a chain.</summary>
    internal const int None = 0;

    private const int PageSize = 64;
    private const int LinkSize = sizeof(int);

    /// <summary>So that a word can be read from anywhere in a page.</summary>
    private const int Behind = sizeof(ulong);
    private const int PagesPerSlab = 1 << SlabShift;
    private const int SlabShift = 10;

    private readonly List<byte[]> _slabs = [];
    private Reading[] _scratch = [];
    private byte[] _joined = [];
    private int _free = None;

    /// <summary>Page 0 is nobody's.</summary>
    private int _next = 1;

    /// <summary>A page of its own, linked to none, all zeros.</summary>
    internal int Take()
    {
        int page = _free;
        if (page != None)
        {
            _free = Link(page);
        }
        else
        {
            page = _next++;
            if (page >> SlabShift >= _slabs.Count)
            {
                _slabs.Add(GC.AllocateUninitializedArray<byte>((PagesPerSlab * PageSize) + Behind));
            }
        }

        Link(page) = None;
        Data(page).Clear();
        return page;
    }

    /// <summary>Gives a chain of pages back.</summary>
    internal void Release(int first, int last)
    {
        if (first != None)
        {
            Link(last) = _free;
            _free = first;
        }
    }

    /// <summary>Puts bytes in place of those that stand in a chain of pages, which becomes as long as they need; none for no bytes.</summary>
    internal void Write(ref int first, ReadOnlySpan<byte> bytes)
    {
        ref int link = ref first;
        while (!bytes.IsEmpty)
        {
            if (link == None)
            {
                // Taking a page may move nothing: slabs stay where they are, so that the link does too.
                link = Take();
            }

            int page = link;
            int fits = Math.Min(bytes.Length, PageData);
            bytes[..fits].CopyTo(Data(page));
            bytes = bytes[fits..];
            link = ref Link(page);
        }

        int rest = link;
        link = None;
        if (rest != None)
        {
            int last = rest;
            while (Link(last) != None)
            {
                last = Link(last);
            }

            Release(rest, last);
        }
    }

    /// <summary>The bytes of a chain of pages, and whatever stands behind them in its last; to be forgotten before another is read.</summary>
    internal ReadOnlySpan<byte> Read(int first)
    {
        if (Link(first) == None)
        {
            return Data(first);
        }

        int length = 0;
        for (int page = first; page != None; page = Link(page))
        {
            if (_joined.Length < length + PageData)
            {
                Array.Resize(ref _joined, Math.Max(4 * PageData, 2 * _joined.Length));
            }

            Data(page).CopyTo(_joined.AsSpan(length));
            length += PageData;
        }

        return _joined.AsSpan(0, length);
    }

    /// <summary>Asks the processor for a page.</summary>
    internal void Prefetch(int page)
    {
        if (page != None)
        {
            CacheLines.Prefetch(ref At(page), PageSize);
        }
    }

    internal Span<byte> Data(int page) => MemoryMarshal.CreateSpan(ref Unsafe.Add(ref At(page), LinkSize), PageData);

    /// <summary>The same, and a word of whatever stands behind it.</summary>
    internal ReadOnlySpan<byte> DataAndMore(int page) => MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref At(page), LinkSize), PageData + Behind);

    internal ref int Link(int page) => ref Unsafe.As<byte, int>(ref At(page));

    /// <summary>Room for readings that are looked at and forgotten; the same memory each time.</summary>
    internal Reading[] Scratch(int readings)
    {
        if (_scratch.Length < readings)
        {
            _scratch = new Reading[Math.Max(128, readings + (readings / 2))];
        }

        return _scratch;
    }

    private ref byte At(int page) => ref _slabs[page >> SlabShift][(page & (PagesPerSlab - 1)) * PageSize];
}
