using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Service.Simulator;

/// <summary>
/// A seeded programme of trouble for a demonstration: one fault of each kind that a device can have by itself within the first minutes, then
/// another every minute or two, each long enough for a detector with a patience of minutes to notice it and to see it go. Some raise no alert, and
/// should not: messages that come twice, late or without a register show in counts and in how the energy was measured.
/// </summary>
public static class FaultsNowAndThen
{
    private static readonly FaultKind[] Kinds =
    [
        FaultKind.Offline, FaultKind.ZeroHash, FaultKind.Overheat, FaultKind.HashDrop, FaultKind.RegisterReset, FaultKind.NoData,
        FaultKind.Duplicate, FaultKind.Delay, FaultKind.Overload, FaultKind.Stuck, FaultKind.NoRegister,
    ];

    /// <returns>Faults for the given time from the start; at most one for a device within an hour, as far as there are devices.</returns>
    public static IReadOnlyList<Fault> Make(int rigs, ulong seed, Instant start, TimeSpan length)
    {
        var faults = new List<Fault>();
        ulong stream = Mix.At(seed, 1_000);
        long end = (long)length.TotalMilliseconds;
        long at = 15_000;
        for (int number = 0; at < end; number++)
        {
            ulong word = Mix.At(stream, number);
            FaultKind kind = Kinds[number < Kinds.Length ? number : (int)(word % (ulong)Kinds.Length)];
            Instant from = new((start.UnixMilliseconds + at) / 1000 * 1000);
            Instant to = from.Plus(TimeSpan.FromMinutes(8 + (int)((word >> 16) % 13)));

            // A stride prime to the fleet's size visits every device before any twice.
            int device = (int)((((long)number * Stride(rigs)) + (long)(seed % (ulong)rigs)) % rigs);
            faults.Add(new Fault(kind, device, from, to, kind == FaultKind.Delay ? TimeSpan.FromSeconds(30) : Fault.DefaultBy(kind)));
            at += number < Kinds.Length ? 10_000 : 45_000 + (long)((word >> 32) % 90_000);
        }

        return faults;
    }

    private static int Stride(int rigs)
    {
        int stride = Math.Max(1, (int)(rigs * 0.618));
        while (GreatestCommonDivisor(stride, rigs) != 1)
        {
            stride++;
        }

        return stride;
    }

    private static int GreatestCommonDivisor(int left, int right) => right == 0 ? left : GreatestCommonDivisor(right, left % right);
}
