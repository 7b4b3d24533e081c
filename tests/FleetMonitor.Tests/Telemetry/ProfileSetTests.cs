using FleetMonitor.Fleet.Json;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry;
using Xunit;

namespace FleetMonitor.Tests.Telemetry;

public sealed class ProfileSetTests
{
    [Fact]
    public void ShippedProfiles_AreThoseOfTheFolder()
    {
        IEnumerable<string> files = Directory.EnumerateFiles(Repository.File("config/profiles"), "*.json")
            .Select(file => Path.GetFileNameWithoutExtension(file)!);

        Assert.Equal(files.Order(), ProfileSet.Shipped.Profiles.Select(profile => profile.Name).Order());
    }

    [Fact]
    public void ShippedProfiles_AreSubscribedTo() =>
        Assert.Equal(
            [
                "+", "+/online", "+/status/+", "antminer/+", "fleet/+/+/presence", "fleet/+/+/telemetry", "shellies/+/emeter/+/power",
                "shellies/+/emeter/+/total", "shellies/+/online", "shellies/+/relay/+/energy", "shellies/+/relay/+/power", "tele/+/LWT",
                "tele/+/SENSOR", "whatsminer/+", "zigbee2mqtt/+",
            ],
            ProfileSet.Shipped.TopicFilters.Order(StringComparer.Ordinal));

    [Fact]
    public void ShippedProfile_ReadAgainFromItsFile_ReplacesItself() =>
        Assert.Equal(
            ProfileSet.Shipped.Profiles.Count,
            Decoding.Profiles(File.ReadAllText(Repository.File("config/profiles/native.json"))).Profiles.Count);

    [Fact]
    public void ExampleProfile_OfTheDocumentation_ReadsWhatItSays()
    {
        string readme = File.ReadAllText(Repository.File("config/profiles/README.md"));
        int start = readme.IndexOf("```json", StringComparison.Ordinal) + "```json".Length;
        string example = readme[start..readme.IndexOf("```", start, StringComparison.Ordinal)];
        TelemetryDecoder decoder = Decoding.Decoder(Decoding.Profiles(example));

        DecodeOutcome outcome = decoder.Decode(
            "acme/pdu 1/data",
            """{"meta":{"when":"2026/01/01 05:00:00"},"phases":["1.5",2,0.25],"energy":{"sum":"7"},"sensors":[{"value":-3}],"state":"RUN"}""",
            out DecodedMessage message);

        Assert.Equal((DecodeOutcome.Reading, "hall-1", "pdu 1"), (outcome, message.Site, message.Device));
        // 05:00 in Almaty is midnight in UTC; 1.5 + 2 + 0.25 = 3.75 kW; 7 kWh = 7·10⁹ µWh.
        Reading expected = new(
            Decoding.Received,
            ReadingFields.Power | ReadingFields.Register | ReadingFields.Temperature | ReadingFields.Status,
            new Power(3_750_000),
            new Energy(7_000_000_000),
            default,
            new Temperature(-3_000),
            DeviceStatus.Mining);
        Assert.Equal(expected, message.Reading);
    }

    [Fact]
    public void OwnProfile_OfAShippedName_ReplacesIt()
    {
        ProfileSet profiles = Decoding.Profiles(
            """{"name":"whatsminer","messages":[{"topic":"farm/{device}/ws","power":{"path":"Msg.Power","unit":"W"}}]}""");

        TelemetryDecoder decoder = Decoding.Decoder(profiles);

        Assert.Equal(DecodeOutcome.Reading, decoder.Decode("farm/m-1/ws", """{"Msg":{"Power":1}}""", out _));
        Assert.Equal(DecodeOutcome.NoProfile, decoder.Decode("whatsminer/m-1", """{"Msg":{"Power":1}}""", out _));
    }

    [Fact]
    public void RegisterTraits_ComeFromTheProfile_OrAreOneWattHour()
    {
        ProfileSet profiles = Decoding.Profiles(
            """{"name":"x","register":{"modulusKwh":100000,"displayStepWh":50},"messages":[{"topic":"x/{device}","power":{"path":"p","unit":"W"}}]}""");
        TelemetryDecoder decoder = Decoding.Decoder(profiles);

        decoder.Decode("x/d", """{"p":1}""", out DecodedMessage own);
        decoder.Decode("fleet/s/d/telemetry", """{"power_w":1}""", out DecodedMessage native);

        Assert.Equal((new Energy(100_000_000_000_000), new Energy(50_000_000)), (own.Register!.Modulus!.Value, own.Register.DisplayStep));
        Assert.Null(native.Register!.Modulus);
        Assert.Equal(new Energy(1_000_000), native.Register.DisplayStep);
    }

    [Fact]
    public void TopicsThatOverlap_AreReadByTheMoreExact_WhateverTheOrder()
    {
        const string Wide = """{"name":"wide","messages":[{"topic":"g/{device}/#","power":{"path":"wide","unit":"W"}}]}""";
        const string Exact = """{"name":"exact","messages":[{"topic":"g/{device}/data","power":{"path":"exact","unit":"W"}}]}""";
        foreach (string[] order in (string[][])[[Wide, Exact], [Exact, Wide]])
        {
            TelemetryDecoder decoder = Decoding.Decoder(Decoding.Profiles(order));

            decoder.Decode("g/d/data", """{"exact":1,"wide":2}""", out DecodedMessage exact);
            decoder.Decode("g/d/other", """{"exact":1,"wide":2}""", out DecodedMessage wide);

            Assert.Equal((1_000, 2_000), (exact.Reading.Power.Milliwatts, wide.Reading.Power.Milliwatts));
        }
    }

    [Fact]
    public void ProfileFiles_WrongInManyWays_AreNamedAllAtOnce()
    {
        IReadOnlyList<Problem> problems = Decoding.Load(
            """
            {"name":"a","colour":1,"site":"a/b","timeZone":"Mars/Base","register":{"displayStepWh":-1},"messages":[
              {"topic":"a/{rig}","power":{"path":"p","unit":"W"}},
              {"topic":"a/{device}","power":{"path":"p..q","unit":"watts"},"time":{"path":"t","format":["epoch-s","epoch-ms","YYYY"]}},
              {"topic":"b/+","power":{"path":"p","unit":"W"}},
              {"topic":"c/{device}","payload":"number","power":{"path":"p","unit":"W"},"register":{"unit":"Wh"}},
              {"topic":"d/{device}","payload":"presence","online":"up"},
              {"topic":"e/{device}","power":{"path":"p","unit":"W","arrays":"max"},"status":{"path":"s","values":{"x":"busy"}}},
              {"topic":"f/{device}"}]}
            """,
            """{"name":"a","messages":[]}""",
            """{"name":"b","messages":[{"topic":"tele/{device}/SENSOR","power":{"path":"p","unit":"W"}}]}""",
            "{").Problems;

        Assert.Equal(
            [
                "0.json $.colour: unknown key",
                "0.json $.messages[0].topic: {rig} is not a name: use {site}, {device} or {channel}",
                "0.json $.messages[1].power.path: not a path",
                "0.json $.messages[1].power.unit: not a unit of power",
                "0.json $.messages[1].time.format[1]: a number cannot be two kinds of time",
                "0.json $.messages[1].time.format[2]: not a known format",
                "0.json $.messages[2].topic: nothing names the device",
                "0.json $.messages[3].power.path: a bare number has no paths",
                "0.json $.messages[3]: the fields do not suit the payload",
                "0.json $.messages[4].offline: missing",
                "0.json $.messages[5].power.arrays: not a known value",
                "0.json $.messages[5].status.values.x: not a known value",
                "0.json $.messages[6]: the fields do not suit the payload",
                "0.json $.site: not an id",
                "0.json $.timeZone: not a time zone known here",
                "0.json $.register.displayStepWh: out of range",
                "1.json $.name: 0.json has the same name",
                "3.json $: not JSON at line 1, byte 2",
                "profiles/tasmota.json $.messages[0].topic: 2.json reads the same topics",
            ],
            problems.Select(problem => $"{problem.Source} {problem.Path}: {problem.Message}"));
        Assert.All(problems, problem => Assert.False(string.IsNullOrWhiteSpace(problem.Fix)));
    }
}
