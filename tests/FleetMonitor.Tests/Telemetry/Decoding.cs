using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Json;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry;
using Xunit;

namespace FleetMonitor.Tests.Telemetry;

/// <summary>What the tests of decoding share.</summary>
internal static class Decoding
{
    public static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static readonly TimeZoneInfo Almaty = TimeZoneInfo.FindSystemTimeZoneById("Asia/Almaty");

    /// <summary>2026-01-01T00:00:00Z.</summary>
    public static readonly Instant Received = new(1_767_225_600_000);

    public static DecodeOptions Options => new() { DefaultTimeZone = Almaty };

    public static TelemetryDecoder Decoder(ProfileSet? profiles = null, FleetSnapshot? fleet = null, DecodeOptions? options = null) =>
        new(profiles ?? ProfileSet.Shipped, () => fleet ?? FleetSnapshot.Empty, options ?? Options);

    public static FleetSnapshot Fleet(string json)
    {
        Parsed<FleetSnapshot> parsed = FleetFile.Parse(Encoding.UTF8.GetBytes(json), "fleet.json", new FleetDefaults(Almaty));
        Assert.True(parsed.Value is not null, string.Join('\n', parsed.Problems));
        return parsed.Value;
    }

    public static ProfileSet Profiles(params string[] texts)
    {
        Parsed<ProfileSet> parsed = Load(texts);
        Assert.True(parsed.Value is not null, string.Join('\n', parsed.Problems));
        return parsed.Value;
    }

    public static Parsed<ProfileSet> Load(params string[] texts) =>
        ProfileSet.Load([.. texts.Select((text, i) => new ProfileText($"{i}.json", Encoding.UTF8.GetBytes(text)))]);

    public static DecodeOutcome Decode(this TelemetryDecoder decoder, string topic, string payload, out DecodedMessage message) =>
        decoder.Decode(Encoding.UTF8.GetBytes(topic), Encoding.UTF8.GetBytes(payload), Received, out message);

    /// <summary>A native message that must be read.</summary>
    public static Reading Native(string payload)
    {
        DecodeOutcome outcome = Decoder().Decode("fleet/s/d/telemetry", payload, out DecodedMessage message);
        Assert.True(outcome == DecodeOutcome.Reading, message.Refusal?.ToString());
        return message.Reading;
    }

    /// <summary>A native message that must be refused.</summary>
    public static Refusal NativeRefusal(string payload)
    {
        Assert.Equal(DecodeOutcome.Refused, Decoder().Decode("fleet/s/d/telemetry", payload, out DecodedMessage message));
        return message.Refusal!;
    }
}
