using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry;
using Xunit;

namespace FleetMonitor.Tests.Telemetry;

/// <summary>
/// Runs every folder under Cases/telemetry: each line of <c>input.jsonl</c> (a capture) must be read as the same line of
/// <c>expected.jsonl</c> says. A folder may bring its own <c>fleet.json</c> and <c>profile.json</c>. The expected numbers are worked out by
/// hand; where that is not obvious, the folder's README shows it.
/// </summary>
public sealed class TelemetryCaseTests
{
    private static readonly string Root = Repository.File("tests/FleetMonitor.Tests/Cases/telemetry");

    public static TheoryData<string> Cases()
    {
        var cases = new TheoryData<string>();
        foreach (string input in Directory.EnumerateFiles(Root, "input.jsonl", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            cases.Add(Path.GetRelativePath(Root, Path.GetDirectoryName(input)!).Replace('\\', '/'));
        }

        return cases;
    }

    [Fact]
    public void EveryShippedProfile_HasCases() =>
        Assert.All(ProfileSet.Shipped.Profiles, profile => Assert.True(Directory.Exists(Path.Combine(Root, profile.Name)), profile.Name));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Capture_Decoded_SaysWhatWasWorkedOutByHand(string folder)
    {
        string path = Path.Combine(Root, folder);
        string[] input = File.ReadAllLines(Path.Combine(path, "input.jsonl"));
        string[] expected = File.ReadAllLines(Path.Combine(path, "expected.jsonl"));
        TelemetryDecoder decoder = Decoder(path);

        Assert.Equal(input.Length, expected.Length);
        for (int i = 0; i < input.Length; i++)
        {
            string actual = Decode(decoder, input[i]).ToJsonString(Decoding.Json);
            string wanted = JsonNode.Parse(expected[i])!.ToJsonString(Decoding.Json);
            Assert.True(wanted == actual, $"{folder} line {i + 1}\ninput    {input[i]}\nexpected {wanted}\nactual   {actual}");
        }
    }

    private static TelemetryDecoder Decoder(string path)
    {
        string profile = Path.Combine(path, "profile.json");
        string fleet = Path.Combine(path, "fleet.json");
        ProfileSet profiles = File.Exists(profile)
            ? Decoding.Profiles(File.ReadAllText(profile))
            : ProfileSet.Shipped;
        return Decoding.Decoder(profiles, File.Exists(fleet) ? Decoding.Fleet(File.ReadAllText(fleet)) : FleetSnapshot.Empty);
    }

    private static JsonObject Decode(TelemetryDecoder decoder, string captureLine)
    {
        using JsonDocument line = JsonDocument.Parse(captureLine);
        byte[] payload = line.RootElement.TryGetProperty("payloadBase64", out JsonElement base64)
            ? base64.GetBytesFromBase64()
            : Encoding.UTF8.GetBytes(line.RootElement.GetProperty("payload").GetString()!);
        Instant at = Instant.From(line.RootElement.GetProperty("at").GetDateTimeOffset());
        byte[] topic = Encoding.UTF8.GetBytes(line.RootElement.GetProperty("topic").GetString()!);
        DecodeOutcome outcome = decoder.Decode(topic, payload, at, out DecodedMessage message);
        return Describe(outcome, message);
    }

    private static JsonObject Describe(DecodeOutcome outcome, in DecodedMessage message)
    {
        switch (outcome)
        {
            case DecodeOutcome.NoProfile:
                return new JsonObject { ["counted"] = "no-profile" };
            case DecodeOutcome.NoMeasurement:
                return new JsonObject { ["counted"] = "no-measurement" };
            case DecodeOutcome.Refused:
                return new JsonObject { ["refused"] = message.Refusal!.Reason.ToCode(), ["where"] = message.Refusal.Where };
            case DecodeOutcome.Presence:
                return new JsonObject
                {
                    ["site"] = message.Site,
                    ["device"] = message.Device,
                    ["presence"] = message.Presence.ToString().ToLower(CultureInfo.InvariantCulture),
                };
            default:
                break;
        }

        Reading reading = message.Reading;
        var described = new JsonObject
        {
            ["site"] = message.Site,
            ["device"] = message.Device,
            ["at"] = reading.At.ToString(),
        };
        if (message.TimeFromReceipt)
        {
            described["timeFromReceipt"] = true;
        }

        if (reading.HasPower)
        {
            described["power_mw"] = reading.Power.Milliwatts;
        }

        if (reading.HasRegister)
        {
            described["register_uwh"] = reading.Register.MicrowattHours;
        }

        if (reading.HasHashRate)
        {
            described["hashrate_mhs"] = reading.HashRate.MegahashesPerSecond;
        }

        if (reading.HasTemperature)
        {
            described["temperature_mc"] = reading.Temperature.Millicelsius;
        }

        if (reading.HasStatus)
        {
            described["status"] = reading.Status.ToString().ToLower(CultureInfo.InvariantCulture);
        }

        return described;
    }
}
