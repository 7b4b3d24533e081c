using System.Globalization;

namespace FleetMonitor.Ledger.Store;

/// <summary>How far a page of postings goes: it is looked up by it.</summary>
/// <param name="Last">The last posting's number.</param>
/// <param name="FromDay">Days since 0001-01-01.</param>
internal readonly record struct PageExtents(long Last, int FromDay, int ToDay, int FromDevice, int ToDevice)
{
    public static PageExtents Of(long first, PageLine[] lines) => new(
        first + lines.Length - 1,
        lines.Min(line => line.Day).DayNumber,
        lines.Max(line => line.Day).DayNumber,
        lines.Min(line => line.Device),
        lines.Max(line => line.Device));

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"postings to {Last}, days {FromDay} to {ToDay}, devices {FromDevice} to {ToDevice}");
}
