using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Levy;

/// <summary>How a chain was found to be off.</summary>
public enum ChainFaultKind
{
    /// <summary>A number is missing, repeated or out of order.</summary>
    Sequence,

    /// <summary>A posting does not follow from the one before it.</summary>
    PreviousHash,

    /// <summary>A posting's content does not have the hash it carries.</summary>
    Content,

    /// <summary>The chain holds, but is not the one whose head was written down elsewhere.</summary>
    Rewritten,

    /// <summary>The chain ends before a head that was written down elsewhere.</summary>
    Truncated,
}

/// <summary>The first thing that is off in a chain.</summary>
/// <param name="Seq">The posting's number, as it should be.</param>
public sealed record ChainFault(ChainFaultKind Kind, long Seq, string Text);

/// <summary>Postings as a hash chain: each carries the hash of the one before, so that none can be changed, removed or swapped unseen.</summary>
public static class PostingChain
{
    private const byte EncodingVersion = 1;

    /// <summary>Version and kind, then number, day, three energies and time.</summary>
    private const int FixedBytes = 2 + (6 * sizeof(long));

    /// <summary>The next posting of a chain.</summary>
    public static Posting Append(PostingHead head, PostingDraft entry, Instant postedAt)
    {
        long seq = head.Count + 1;
        string hash = HashOf(seq, entry, postedAt, head.Hash);
        return new Posting(seq, entry, postedAt, head.Hash, hash);
    }

    /// <summary>Recomputes a chain from its first posting on.</summary>
    /// <param name="postings">In order; may be streamed.</param>
    /// <param name="anchors">Heads written down elsewhere, in any order.</param>
    /// <returns>The first thing that is off, or null.</returns>
    public static ChainFault? Verify(IEnumerable<Posting> postings, IEnumerable<PostingHead> anchors)
    {
        ILookup<long, string> anchored = anchors.ToLookup(anchor => anchor.Count, anchor => anchor.Hash);
        PostingHead head = PostingHead.Genesis;
        ChainFault? fault = AnchorFault(anchored, head);
        foreach (Posting posting in postings)
        {
            fault ??= LinkFault(head, posting);
            head = PostingHead.Of(posting);
            fault ??= AnchorFault(anchored, head);
            if (fault is not null)
            {
                return fault;
            }
        }

        long furthest = anchored.Count == 0 ? 0 : anchored.Max(group => group.Key);
        return fault ?? (furthest > head.Count
            ? new ChainFault(
                ChainFaultKind.Truncated, head.Count + 1, Invariant($"the chain ends at posting {head.Count}; a head was written down at {furthest}"))
            : null);
    }

    /// <summary>
    /// The bytes that are hashed, all integers big-endian: version; number; kind; day (days since 0001-01-01); register, integrated and
    /// estimated µWh; time posted (Unix ms); then site, device, charge, amount, currency, reason, by and previous hash as UTF-8 with their
    /// length in four bytes before them, −1 for what is absent. Lengths keep neighbouring texts apart.
    /// </summary>
    public static byte[] Encode(long seq, PostingDraft entry, Instant postedAt, string prevHash)
    {
        string? amount = entry.Amount is { } money ? Money.Text(money.Amount) : null;
        ReadOnlySpan<string?> texts = [entry.Site, entry.Device, entry.Charge, amount, entry.Amount?.Currency, entry.Reason, entry.By, prevHash];
        int length = FixedBytes + (texts.Length * sizeof(int));
        foreach (string? text in texts)
        {
            length += text is null ? 0 : Encoding.UTF8.GetByteCount(text);
        }

        byte[] bytes = GC.AllocateUninitializedArray<byte>(length);
        Span<byte> rest = bytes;
        Write(ref rest, EncodingVersion);
        Write(ref rest, seq);
        Write(ref rest, (byte)entry.Kind);
        Write(ref rest, (long)entry.Day.DayNumber);
        Write(ref rest, entry.Energy.Register.MicrowattHours);
        Write(ref rest, entry.Energy.Integrated.MicrowattHours);
        Write(ref rest, entry.Energy.Estimated.MicrowattHours);
        Write(ref rest, postedAt.UnixMilliseconds);
        foreach (string? text in texts)
        {
            Write(ref rest, text);
        }

        return bytes;
    }

    private static string HashOf(long seq, PostingDraft entry, Instant postedAt, string prevHash)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encode(seq, entry, postedAt, prevHash), hash);
        return Convert.ToHexStringLower(hash);
    }

    private static ChainFault? LinkFault(PostingHead head, Posting posting)
    {
        long expected = head.Count + 1;
        if (posting.Seq != expected)
        {
            return new ChainFault(
                ChainFaultKind.Sequence, expected, Invariant($"posting {expected} is missing: posting {posting.Seq} stands in its place"));
        }

        if (posting.PrevHash != head.Hash)
        {
            return new ChainFault(
                ChainFaultKind.PreviousHash, expected, Invariant($"posting {expected} follows from {posting.PrevHash}, not from {head.Hash}"));
        }

        string hash = HashOf(posting.Seq, posting.Entry, posting.PostedAt, posting.PrevHash);
        return posting.Hash == hash
            ? null
            : new ChainFault(
                ChainFaultKind.Content, expected, Invariant($"posting {expected} carries the hash {posting.Hash}, its content has {hash}"));
    }

    private static ChainFault? AnchorFault(ILookup<long, string> anchored, PostingHead head)
    {
        foreach (string hash in anchored[head.Count])
        {
            if (hash != head.Hash)
            {
                return new ChainFault(
                    ChainFaultKind.Rewritten, head.Count, Invariant($"at posting {head.Count} the head is {head.Hash}; written down was {hash}"));
            }
        }

        return null;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static void Write(ref Span<byte> rest, byte value)
    {
        rest[0] = value;
        rest = rest[1..];
    }

    private static void Write(ref Span<byte> rest, long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(rest, value);
        rest = rest[sizeof(long)..];
    }

    private static void Write(ref Span<byte> rest, string? text)
    {
        int length = text is null ? -1 : Encoding.UTF8.GetBytes(text, rest[sizeof(int)..]);
        BinaryPrimitives.WriteInt32BigEndian(rest, length);
        rest = rest[(sizeof(int) + Math.Max(0, length))..];
    }
}
