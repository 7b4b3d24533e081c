using System.Text;
using FleetMonitor.Fleet;
using FleetMonitor.Levy;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Telemetry;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace FleetMonitor.Tests.Configuration;

/// <summary>Whatever stands in a file that people write: it is taken, or its problems are said; it never brings the program down.</summary>
public sealed class ConfigurationFuzzTests
{
    private const int Seed = 20_261_122;
    private const int Inputs = 4_000;

    private static readonly string[] Values =
    [
        "", " ", "0", "-1", "1e999", "NaN", "00:00:00", "-00:00:01", "999999999.00:00:00", "true", "mqtt://", "http://[::", "mqtts://a:99999",
        "../../etc/passwd", "\0", "\ud800", "☃", new string('9', 400), "{}", "[]", "2026-13-45", "UTC", "Mars/Olympus", "127.0.0.1", "0.0.0.0",
    ];

    [Fact]
    public void Options_WithAnyValues_AreTakenOrExplained()
    {
        var random = new Random(Seed);
        string[] keys = [.. SettingsFile.Read(new ConfigurationBuilder().Build()).Defaults.Select(pair => pair.Key)];
        int refused = 0;
        for (int i = 0; i < Inputs; i++)
        {
            var options = new Dictionary<string, string?>();
            for (int n = random.Next(1, 6); n > 0; n--)
            {
                options[keys[random.Next(keys.Length)]] = Values[random.Next(Values.Length)];
            }

            SettingsResult result = SettingsFile.Read(new ConfigurationBuilder().AddInMemoryCollection(options).Build());

            refused += result.Problems.Count > 0 ? 1 : 0;
            Assert.All(result.Problems, problem => Assert.DoesNotContain("Exception", problem.ToString(), StringComparison.Ordinal));
        }

        Counts.Write("fuzz-options", ("inputs", Inputs));
        Assert.InRange(refused, Inputs / 10, Inputs - 1);
    }

    [Theory]
    [InlineData("config/fleet.json")]
    [InlineData("config/levy/kazakhstan.json")]
    [InlineData("config/profiles/native.json")]
    public void File_WithAnyBytesChanged_IsTakenOrExplained(string path)
    {
        var random = new Random(Seed);
        byte[] sound = File.ReadAllBytes(Repository.File(path));
        Func<byte[], int> parse = path switch
        {
            "config/fleet.json" => bytes => FleetFile.Parse(bytes, path, new FleetDefaults(TimeZoneInfo.Utc)).Problems.Count,
            "config/profiles/native.json" => bytes => ProfileSet.Load([new ProfileText(path, bytes)]).Problems.Count,
            _ => bytes => RateSchedule.Parse(bytes, path).Problems.Count,
        };
        Assert.Equal(0, parse(sound));
        int refused = 0;
        for (int i = 0; i < Inputs; i++)
        {
            byte[] changed = Change(sound, random);
            Exception? thrown = Record.Exception(() => refused += parse(changed) > 0 ? 1 : 0);
            Assert.True(thrown is null, $"seed {Seed}, input {i}: {Convert.ToBase64String(changed)}\n{thrown}");
        }

        Counts.Write($"fuzz-{Path.GetFileNameWithoutExtension(path)}", ("inputs", Inputs));
        Assert.InRange(refused, Inputs / 4, Inputs);
    }

    /// <summary>Cuts, doubles, swaps and overwrites: at random places, and with what is special in JSON.</summary>
    private static byte[] Change(byte[] sound, Random random)
    {
        var bytes = new List<byte>(sound);
        for (int n = random.Next(1, 4); n > 0; n--)
        {
            int at = random.Next(bytes.Count);
            int length = Math.Min(random.Next(1, 40), bytes.Count - at);
            switch (random.Next(5))
            {
                case 0:
                    bytes.RemoveRange(at, length);
                    break;
                case 1:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 2:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 3:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Values[random.Next(20)].Replace("\ud800", "\\ud800", StringComparison.Ordinal)));
                    break;
                default:
                    bytes[at] = "{}[]\",:-0"u8[random.Next(9)];
                    break;
            }

            if (bytes.Count == 0)
            {
                return [];
            }
        }

        return [.. bytes];
    }
}
