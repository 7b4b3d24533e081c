using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FleetMonitor.Anomalies;

/// <summary>
/// What a <see cref="DeviceWatch"/> remembers of one device, put away: the state's words that are not zero, after those that usually say the same
/// as another have been made zero where they do. Most devices find room in the struct itself:
/// <code>
///   which words · 40 words │ 20 more · alarms and what else hardly any device has
///   in the struct          │ an array, where they are needed
/// </code>
/// A mutable struct: it is a field of its device, and of nothing else.
/// </summary>
public struct PackedWatch
{
    private const int Words = 60;
    private const int OwnWords = 40;
    private const int MoreBytes = (Words - OwnWords) * sizeof(uint);

    /// <summary>An array that was needed stays until it is well out of use: a word that comes and goes must not make garbage each time.</summary>
    private const int LeastFree = 4;

    private ulong _which;
    private Own _own;
    private byte[]? _more;

    /// <summary>Bytes outside the struct itself.</summary>
    public readonly int BytesBeside => _more?.Length ?? 0;

    internal void Put(in WatchState state)
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<WatchState>(in state));
        Span<uint> words = stackalloc uint[Words];
        MemoryMarshal.Cast<byte, uint>(bytes[..(Words * sizeof(uint))]).CopyTo(words);
        ToggleSame(words);

        // Without a branch, as which words are zero is hard to foretell.
        Span<uint> packed = stackalloc uint[Words];
        int used = 0;
        ulong which = 0;
        for (int i = 0; i < words.Length; i++)
        {
            packed[used] = words[i];
            int isUsed = words[i] != 0 ? 1 : 0;
            used += isUsed;
            which |= (ulong)isUsed << i;
        }

        _which = which;
        packed[..OwnWords].CopyTo(_own);
        ReadOnlySpan<byte> rest = bytes[(Words * sizeof(uint))..];
        bool hasRest = rest.ContainsAnyExcept((byte)0);
        MakeRoom(used, hasRest ? MoreBytes + rest.Length : 0);
        if (_more is { } more)
        {
            MemoryMarshal.AsBytes(packed[OwnWords..]).CopyTo(more);
            rest[..(more.Length - MoreBytes)].CopyTo(more.AsSpan(MoreBytes));
        }
    }

    internal readonly void Take(ref WatchState state)
    {
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<WatchState>(ref state));
        Span<uint> packed = stackalloc uint[Words + 1];
        ((ReadOnlySpan<uint>)_own).CopyTo(packed);
        Span<byte> rest = bytes[(Words * sizeof(uint))..];
        int restKept = 0;
        if (_more is { } more)
        {
            more.AsSpan(0, MoreBytes).CopyTo(MemoryMarshal.AsBytes(packed[OwnWords..]));
            restKept = more.Length - MoreBytes;
            more.AsSpan(MoreBytes).CopyTo(rest);
        }

        rest[restKept..].Clear();
        Span<uint> words = MemoryMarshal.Cast<byte, uint>(bytes[..(Words * sizeof(uint))]);
        int used = 0;
        ulong which = _which;
        for (int i = 0; i < words.Length; i++)
        {
            uint isUsed = (uint)(which >> i) & 1;
            words[i] = packed[used] & (0 - isUsed);
            used += (int)isUsed;
        }

        ToggleSame(words);
    }

    /// <summary>Makes words zero that are the same as the one they usually are the same as, and back: what is toggled twice is as it was.</summary>
    private static void ToggleSame(Span<uint> words)
    {
        foreach ((byte word, byte sameAs) in WatchState.UsuallySame)
        {
            words[word] ^= words[sameAs];
        }
    }

    private void MakeRoom(int used, int withRest)
    {
        int words = used > OwnWords - (_more is null ? 0 : LeastFree) ? MoreBytes : 0;
        int needed = Math.Max(words, withRest);
        if (needed != BytesBeside)
        {
            _more = needed == 0 ? null : new byte[needed];
        }
    }

    [InlineArray(OwnWords)]
    private struct Own
    {
        private uint _first;
    }
}
