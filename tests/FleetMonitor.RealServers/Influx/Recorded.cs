using System.Globalization;
using System.Text.Json;

namespace FleetMonitor.RealServers.Influx;

/// <summary>
/// Readings of a small fleet over an hour that has passed, as a capture, with what the points have to say worked out beside it by plain
/// sums. One device has a register, one has power only, one sends nothing but hash rate, one has a name that needs escaping; some
/// readings come out of order, one much too late, one twice.
/// </summary>
internal sealed class Recorded
{
    private const string Site = "site-1";
    private const int Interval = 20;

    private readonly List<(DateTimeOffset At, string Device, Dictionary<string, object> Payload)> _messages = [];
    private readonly Dictionary<string, SortedDictionary<long, Sample>> _samples = [];

    public Recorded(DateTimeOffset start, int minutes, int seed)
    {
        var random = new Random(seed);
        foreach (string device in (string[])["rig-1", "rig, 2=b", "стойка 3", "hash-only"])
        {
            _samples[device] = [];
            long register = 1_000_000;
            for (int second = 0; second < minutes * 60; second += Interval)
            {
                DateTimeOffset at = start.AddSeconds(second);
                var sample = new Sample(
                    device == "hash-only" ? null : random.Next(2_900_000, 3_400_000),
                    random.Next(90_000_000, 120_000_000),
                    random.Next(40, 80),
                    device == "rig-1" ? register += random.Next(16_000, 19_000) : null);
                _samples[device].Add(at.ToUnixTimeSeconds(), sample);
                // Received a second later; every eleventh 40 s later and so out of order, one in the middle 25 min later.
                int delay = device == "стойка 3" && second == minutes * 60 / 3 / Interval * Interval ? 25 * 60 : second / Interval % 11 == 5 ? 40 : 1;
                Message(at, at.AddSeconds(delay), device, sample);
                if (second / Interval % 17 == 3)
                {
                    Message(at, at.AddSeconds(delay + 5), device, sample);
                }
            }
        }
    }

    public void SaveCapture(string path) => File.WriteAllLines(path, _messages.OrderBy(message => message.At).Select(message => JsonSerializer.Serialize(new
    {
        at = message.At.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        topic = $"fleet/{Site}/{message.Device}/telemetry",
        payload = JsonSerializer.Serialize(message.Payload),
    })));

    /// <summary>Every field of every device and site point that the readings make, states and levy apart.</summary>
    public Dictionary<StoredField, double> Points()
    {
        var points = new Dictionary<StoredField, double>();
        var sites = new SortedDictionary<long, List<Window>>();
        foreach ((string device, SortedDictionary<long, Sample> samples) in _samples)
        {
            var energy = new Dictionary<long, decimal>();
            KeyValuePair<long, Sample>? before = null;
            foreach (KeyValuePair<long, Sample> sample in samples)
            {
                if (before is { } last)
                {
                    energy[sample.Key] = sample.Value.Register is { } register
                        ? register - last.Value.Register!.Value
                        : ((sample.Value.Power ?? 0) + (last.Value.Power ?? 0)) * (sample.Key - last.Key) / 7_200_000m;
                }

                before = sample;
            }

            foreach (IGrouping<long, KeyValuePair<long, Sample>> minute in samples.GroupBy(sample => sample.Key / 60 * 60))
            {
                var window = new Window(
                    [.. minute.Where(sample => sample.Value.Power is not null).Select(sample => (decimal)sample.Value.Power!.Value)],
                    [.. minute.Select(sample => (decimal)sample.Value.HashRate)],
                    minute.Max(sample => sample.Value.Temperature),
                    minute.Sum(sample => Math.Round(energy.GetValueOrDefault(sample.Key), 6, MidpointRounding.ToEven)),
                    minute.Count());
                Add(points, "device", $"device={device} role=rig site={Site}", minute.Key, DeviceFields(window));
                (sites.TryGetValue(minute.Key, out List<Window>? all) ? all : sites[minute.Key] = []).Add(window);
            }
        }

        foreach ((long minute, List<Window> windows) in sites)
        {
            Add(points, "site", $"site={Site}", minute, SiteFields(windows));
        }

        return points;
    }

    private static IEnumerable<(string, decimal)> DeviceFields(Window window)
    {
        decimal hashRate = Mean(window.HashRates);
        yield return ("hashrate_mean_ths", hashRate / 1_000_000);
        yield return ("temp_max_c", window.Temperature);
        yield return ("readings", window.Readings);
        if (window.Powers.Count > 0)
        {
            yield return ("power_mean_w", Mean(window.Powers) / 1_000);
            yield return ("power_min_w", window.Powers.Min() / 1_000);
            yield return ("power_max_w", window.Powers.Max() / 1_000);
            yield return ("energy_wh", window.Energy);
            yield return ("estimated_wh", 0);
            yield return ("efficiency_j_th", Math.Round(window.Powers.Average() * 1_000 / window.HashRates.Average(), 3, MidpointRounding.ToEven));
        }
    }

    private static IEnumerable<(string, decimal)> SiteFields(List<Window> windows)
    {
        decimal power = windows.Where(window => window.Powers.Count > 0).Sum(window => Mean(window.Powers));
        decimal hashRate = windows.Sum(window => Mean(window.HashRates));
        yield return ("power_mean_w", power / 1_000);
        yield return ("hashrate_mean_ths", hashRate / 1_000_000);
        yield return ("energy_wh", windows.Sum(window => window.Energy));
        yield return ("estimated_wh", 0);
        yield return ("efficiency_j_th", Math.Round(power * 1_000 / hashRate, 3, MidpointRounding.ToEven));
        yield return ("temp_max_c", windows.Max(window => window.Temperature));
        yield return ("readings", windows.Sum(window => window.Readings));
    }

    private static decimal Mean(List<decimal> values) => Math.Round(values.Average(), 0, MidpointRounding.ToEven);

    private static void Add(Dictionary<StoredField, double> points, string measurement, string tags, long seconds, IEnumerable<(string, decimal)> fields)
    {
        foreach ((string field, decimal value) in fields)
        {
            points.Add(new StoredField(measurement, tags, seconds, field), (double)value);
        }
    }

    private void Message(DateTimeOffset at, DateTimeOffset received, string device, Sample sample)
    {
        var payload = new Dictionary<string, object>
        {
            ["ts"] = at.ToUnixTimeMilliseconds(),
            ["hashrate_ths"] = sample.HashRate / 1_000_000m,
            ["temp_c"] = sample.Temperature,
        };
        if (sample.Power is { } power)
        {
            payload["power_w"] = power / 1_000m;
        }

        if (sample.Register is { } register)
        {
            payload["energy_wh"] = register;
        }

        _messages.Add((received, device, payload));
    }

    /// <summary>In mW, MH/s, °C and Wh.</summary>
    private sealed record Sample(int? Power, int HashRate, int Temperature, long? Register);

    private sealed record Window(List<decimal> Powers, List<decimal> HashRates, int Temperature, decimal Energy, int Readings);
}
