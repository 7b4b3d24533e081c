using System.Globalization;
using System.Text;
using System.Text.Json;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Benchmarks.Baselines;

/// <summary>Reads native telemetry as one would write it in an afternoon: strings, a document, decimals. It checks nothing, and names no reason.</summary>
internal static class NaiveDecoder
{
    public static (string Site, string Device, Reading Reading) Decode(ReadOnlySpan<byte> topic, ReadOnlyMemory<byte> payload)
    {
        string[] levels = Encoding.UTF8.GetString(topic).Split('/');
        using JsonDocument document = JsonDocument.Parse(payload);
        JsonElement root = document.RootElement;
        var at = DateTimeOffset.Parse(root.GetProperty("ts").GetString()!, CultureInfo.InvariantCulture);
        DeviceStatus status = Enum.Parse<DeviceStatus>(root.GetProperty("status").GetString()!, ignoreCase: true);
        var reading = new Reading(
            Instant.From(at),
            ReadingFields.Power | ReadingFields.Register | ReadingFields.HashRate | ReadingFields.Temperature | ReadingFields.Status,
            new Power(Whole(root, "power_w", 1_000)),
            new Energy(Whole(root, "energy_wh", 1_000_000)),
            new HashRate(Whole(root, "hashrate_ths", 1_000_000)),
            new Temperature((int)Whole(root, "temp_c", 1_000)),
            status);
        return (levels[1], levels[2], reading);
    }

    private static long Whole(JsonElement root, string name, decimal scale) =>
        (long)Math.Round(root.GetProperty(name).GetDecimal() * scale, MidpointRounding.ToEven);
}
