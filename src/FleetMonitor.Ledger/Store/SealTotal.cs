namespace FleetMonitor.Ledger.Store;

/// <summary>
/// What all seals of a table come to, or all its rows, in constant memory: each part's seal times a number that is made from the part, summed.
/// As a seal is the sum of its rows' digests, it is the same whether seals are added or rows; and not the same where a row, a seal or what
/// either belongs to was changed, but for one case in 2^64.
/// </summary>
internal sealed class SealTotal
{
    private ulong _weightedRows;
    private UInt128 _sum;

    /// <summary>How many rows were added, by themselves or in seals.</summary>
    public long Rows { get; private set; }

    public void Add(SealPart part, RowSeal seal)
    {
        ulong weight = Weight(part);
        unchecked
        {
            Rows += seal.Rows;
            _weightedRows += (ulong)seal.Rows * weight;
            _sum += seal.Sum * weight;
        }
    }

    public bool Equals(SealTotal other) => _weightedRows == other._weightedRows && _sum == other._sum;

    /// <summary>Odd, so that no digest is lost by the multiplication; mixed by the finalizer of SplitMix64.</summary>
    private static ulong Weight(SealPart part)
    {
        ulong mixed = part.Text is { } text ? Fingerprint.Of([], System.Text.Encoding.UTF8.GetBytes(text)) : (ulong)part.Number;
        unchecked
        {
            mixed += 0x9E3779B97F4A7C15;
            mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            return mixed ^ (mixed >> 31) | 1;
        }
    }
}
