using System.Globalization;

namespace FleetMonitor.RealServers.Ingest;

/// <param name="Energy">What the device drew that day, in kWh.</param>
/// <param name="FirstRegister">In kWh; null where it published none that day.</param>
internal sealed record TruthOfDay(string Device, DateOnly Day, decimal Energy, decimal? FirstRegister, decimal? LastRegister);

/// <summary>What the simulator knows: its <c>--truth</c> file.</summary>
internal sealed class TruthFile(IReadOnlyList<TruthOfDay> days)
{
    private const string Header = "site,device,date,energy_wh,first_register_wh,last_register_wh";

    public static TruthFile Read(string path)
    {
        string[] lines = File.ReadAllLines(path);
        if (lines is not [Header, ..])
        {
            throw new InvalidDataException($"{path} is no truth: {lines.FirstOrDefault()}");
        }

        return new TruthFile([.. lines.Skip(1).Select(line => line.Split(',')).Select(fields => new TruthOfDay(
            $"{fields[0]}/{fields[1]}",
            DateOnly.Parse(fields[2], CultureInfo.InvariantCulture),
            KilowattHours(fields[3])!.Value,
            KilowattHours(fields[4]),
            KilowattHours(fields[5])))]);
    }

    /// <summary>Each device with its days, in order.</summary>
    public IEnumerable<(string Device, IReadOnlyList<TruthOfDay> Days)> Devices => days
        .GroupBy(day => day.Device)
        .Select(device => (device.Key, (IReadOnlyList<TruthOfDay>)[.. device.OrderBy(day => day.Day)]));

    private static decimal? KilowattHours(string wattHours) =>
        wattHours.Length == 0 ? null : decimal.Parse(wattHours, CultureInfo.InvariantCulture) / 1_000m;
}
