using System.Text;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry;
using Xunit;

namespace FleetMonitor.Tests.Telemetry;

public sealed class TelemetryDecoderTests
{
    [Theory]
    [InlineData("""{"power_w":"12"}""", "power_w: expected a number, found a string \"12\"")]
    [InlineData("""{"power_w":[1,2]}""", "power_w: expected a number, found a list")]
    [InlineData("""{"power_w":false}""", "power_w: expected a number, found false")]
    [InlineData("""{"power_w":-5}""", "power_w: -5 is negative")]
    [InlineData("""{"power_w":6e6}""", "power_w: 6e6 is more than any device draws (5000000 W)")]
    [InlineData("""{"energy_wh":1e999}""", "energy_wh: 1e999 is not finite")]
    [InlineData("""{"energy_wh":1e13}""", "energy_wh: 1e13 is too large to be counted")]
    [InlineData(
        """{"ts":"noon","power_w":1}""",
        "ts: expected an RFC 3339 time such as 2026-01-31T12:00:00+05:00 or a number of seconds or milliseconds since 1970, found a string \"noon\"")]
    [InlineData(
        """{"ts":"2026-01-01T00:05:00.001Z","power_w":1}""",
        "ts: 2026-01-01T00:05:00.001Z is more than 00:05:00 ahead of its receipt at 2026-01-01T00:00:00.000Z")]
    [InlineData("""{"ts":0,"power_w":1}""", "ts: 1970-01-01T00:00:00.000Z is before 2010")]
    [InlineData("""{"ts":1e300,"power_w":1}""", "ts: a time beyond all calendars is more than 00:05:00 ahead of its receipt at 2026-01-01T00:00:00.000Z")]
    [InlineData("""{"power":1}""", "$: expected at least one of power_w, energy_wh, hashrate_ths, temp_c, status")]
    [InlineData("""{"power_w":1""", "$: not JSON, or nested too deeply, at line 1, byte 13")]
    [InlineData("[]", "$: expected an object, found a list")]
    [InlineData(" \"hello\" ", "$: expected an object, found a string \"hello\"")]
    public void Refusal_OfAMessage_SaysWhatWasExpectedAndWhatWasFound(string payload, string expected) =>
        Assert.Equal(expected, Decoding.NativeRefusal(payload).ToString());

    [Fact]
    public void Refusal_OfHostileText_IsShortAndPrintable()
    {
        string shown = Decoding.NativeRefusal("{\"power_w\":\"" + new string('x', 5_000) + "\"}").Detail;

        Assert.InRange(shown.Length, 1, 120);
        Decoding.Decoder().Decode("shellies/d/relay/0/power", "\u001b[31mred\n\u0000", out DecodedMessage message);
        Assert.Equal("expected a number, found \"\uFFFD[31mred\uFFFD\uFFFD\"", message.Refusal!.Detail);
    }

    /// <summary>Any time that can be read, however far off, is a clock that is wrong (S10).</summary>
    [Theory]
    [InlineData("\"9999-12-31T23:59:59Z\"", "9999-12-31T23:59:59.000Z is more than 00:05:00 ahead of its receipt at 2026-01-01T00:00:00.000Z")]
    [InlineData("\"9999-12-31T23:59:60.999-23:59\"", "a time beyond all calendars is more than 00:05:00 ahead of its receipt at 2026-01-01T00:00:00.000Z")]
    [InlineData("\"9999-12-31T23:59:59\"", "9999-12-31T18:59:59.000Z is more than 00:05:00 ahead of its receipt at 2026-01-01T00:00:00.000Z")]
    [InlineData("\"0000-02-29T00:00:00Z\"", "0001-01-01T00:00:00.000Z is before 2010")]
    [InlineData("\"0001-01-01T00:00:00+23:59\"", "a time beyond all calendars is before 2010")]
    [InlineData("253402300800000", "a time beyond all calendars is more than 00:05:00 ahead of its receipt at 2026-01-01T00:00:00.000Z")]
    [InlineData("9223372036854775808", "a time beyond all calendars is more than 00:05:00 ahead of its receipt at 2026-01-01T00:00:00.000Z")]
    [InlineData("1e400", "a time beyond all calendars is more than 00:05:00 ahead of its receipt at 2026-01-01T00:00:00.000Z")]
    [InlineData("-1e18", "a time beyond all calendars is before 2010")]
    [InlineData("0", "1970-01-01T00:00:00.000Z is before 2010")]
    public void Time_FarOffTheReceiptOrBefore2010_IsAClockThatIsWrong(string ts, string expected)
    {
        Refusal refusal = Decoding.NativeRefusal($$"""{"ts":{{ts}},"power_w":1}""");

        Assert.Equal((RefusalReason.Clock, expected), (refusal.Reason, refusal.Detail));
    }

    [Theory]
    [InlineData("\"9999-02-29T00:00:00Z\"")]
    [InlineData("\"0000-13-01T00:00:00Z\"")]
    [InlineData("\"10000-01-01T00:00:00Z\"")]
    [InlineData("\"2026-01-01T24:00:00Z\"")]
    public void Time_ThatNoCalendarHas_IsOfTheWrongType(string ts) =>
        Assert.Equal(RefusalReason.WrongType, Decoding.NativeRefusal($$"""{"ts":{{ts}},"power_w":1}""").Reason);

    /// <summary>Bombs that fit into a payload: a number is as exact and as quick as it is long, and depth costs nothing.</summary>
    [Fact]
    public void Numbers_OfAHundredThousandDigits_AreReadExactlyOrRefused()
    {
        string zeros = new('0', 100_000);

        Assert.Equal(RefusalReason.Implausible, Decoding.NativeRefusal($$"""{"power_w":1{{zeros}}}""").Reason);
        Assert.Equal(RefusalReason.Implausible, Decoding.NativeRefusal($$"""{"power_w":1e{{zeros}}999}""").Reason);
        Assert.Equal(new Power(0), Decoding.Native($$"""{"power_w":0.{{zeros}}1}""").Power);
        Assert.Equal(new Power(3_250_500), Decoding.Native($$"""{"power_w":3250.5{{zeros}}}""").Power);
        Assert.Equal(RefusalReason.Clock, Decoding.NativeRefusal($$"""{"ts":1{{zeros}},"power_w":1}""").Reason);
    }

    [Fact]
    public void Payload_OfAMegabyte_IsRefusedUnread() =>
        Assert.Equal(RefusalReason.TooLarge, Decoding.NativeRefusal($$"""{"power_w":{{new string('9', 1_000_000)}}}""").Reason);

    [Fact]
    public void Objects_NestedAsDeepAsAPayloadIsLong_AreMalformed()
    {
        string deep = string.Concat(Enumerable.Repeat("{\"a\":", 40_000));

        Assert.Equal(RefusalReason.Malformed, Decoding.NativeRefusal($$"""{"power_w":1,"a":{{deep}}""").Reason);
        Assert.Equal(RefusalReason.Malformed, Decoding.NativeRefusal($$"""{"power_w":1,"a":{{deep}}1{{new string('}', 40_001)}}""").Reason);
        Assert.Equal(RefusalReason.Malformed, Decoding.NativeRefusal(new string('[', 200_000)).Reason);
    }

    /// <summary>Of a key that comes twice the last one counts, however often.</summary>
    [Fact]
    public void Keys_RepeatedTenThousandTimes_CountOnce() => Assert.Equal(
        new Power(2_000),
        Decoding.Native("{" + string.Concat(Enumerable.Repeat("\"power_w\":1,", 10_000)) + "\"power_w\":2}").Power);

    [Theory]
    [InlineData("a\nb")]
    [InlineData("a\u2028b")]
    [InlineData("a\u001b[31m\u202Eb")]
    public void Device_WhoseNameEndsALine_IsRefusedOnOneLine(string name)
    {
        Assert.Equal(DecodeOutcome.Refused, Decoding.Decoder().Decode($"fleet/s/{name}/telemetry", """{"power_w":1}""", out DecodedMessage message));
        Assert.Equal(RefusalReason.BadIdentifier, message.Refusal!.Reason);
        Assert.All(message.Refusal.ToString(), shown => Assert.False(char.IsControl(shown) || shown is '\u2028' or '\u202E', message.Refusal.ToString()));
    }

    [Fact]
    public void RefusalCodes_AreStable()
    {
        Assert.Equal(
            [
                "malformed", "missing-field", "wrong-type", "out-of-range", "implausible", "clock", "bad-identifier", "unknown-site",
                "too-many-devices", "too-large",
            ],
            Enum.GetValues<RefusalReason>().Select(reason => reason.ToCode()));
        Assert.All(Enum.GetValues<RefusalReason>(), reason =>
            Assert.True(RefusalReasons.TryParse(reason.ToCode(), out RefusalReason back) && back == reason));
        Assert.False(RefusalReasons.TryParse("unheard-of", out _));
    }

    [Fact]
    public void Payload_LongerThanTheBound_IsRefusedUnread()
    {
        TelemetryDecoder decoder = Decoding.Decoder(options: Decoding.Options with { MaxPayloadBytes = 20 });

        Assert.Equal(DecodeOutcome.Reading, decoder.Decode("fleet/s/d/telemetry", """{"power_w":       1}""", out _));
        Assert.Equal(DecodeOutcome.Refused, decoder.Decode("fleet/s/d/telemetry", """{"power_w":        1}""", out DecodedMessage message));
        Assert.Equal((RefusalReason.TooLarge, "d"), (message.Refusal!.Reason, message.Device));
    }

    [Fact]
    public void DeviceWithoutASite_OnNoFleetFile_IsOnTheDefaultSite()
    {
        TelemetryDecoder decoder = Decoding.Decoder(options: Decoding.Options with { DefaultSite = "home" });

        decoder.Decode("tele/plug/SENSOR", """{"ENERGY":{"Power":1}}""", out DecodedMessage message);

        Assert.Equal(("home", "plug"), (message.Site, message.Device));
    }

    /// <summary>Announced or not, known or not, and too long to be remembered.</summary>
    [Fact]
    public void Topics_Announced_AreReadAsTheyWouldHaveBeen()
    {
        TelemetryDecoder decoder = Decoding.Decoder();
        string[] topics =
        [
            "fleet/s/a/telemetry", "fleet/s/b/telemetry", "fleet/s/a/telemetry", "", "nobody's", $"fleet/s/{new string('x', 2_000)}/telemetry", "fleet/s/b/telemetry",
        ];
        List<(DecodeOutcome, string)> found = [];
        foreach (string topic in topics)
        {
            Array.ForEach(topics, soon => decoder.Expect(Encoding.UTF8.GetBytes(soon)));
            found.Add((decoder.Decode(topic, """{"power_w":1}""", out DecodedMessage message), message.Device));
        }

        Assert.Equal(
            [
                (DecodeOutcome.Reading, "a"), (DecodeOutcome.Reading, "b"), (DecodeOutcome.Reading, "a"), (DecodeOutcome.NoProfile, ""),
                (DecodeOutcome.NoProfile, ""), (DecodeOutcome.Refused, ""), (DecodeOutcome.Reading, "b"),
            ],
            found);
    }

    [Fact]
    public void FleetFile_ThatChanges_CountsFromTheNextMessageOn()
    {
        FleetSnapshot fleet = Decoding.Fleet("""{"sites":[{"id":"a","timeZone":"UTC","devices":[{"id":"plug"}]}]}""");
        var decoder = new TelemetryDecoder(ProfileSet.Shipped, () => fleet, Decoding.Options);
        const string Payload = """{"Time":"2025-12-31T20:00:00","ENERGY":{"Power":1}}""";

        decoder.Decode("tele/plug/SENSOR", Payload, out DecodedMessage before);
        Assert.Equal(DecodeOutcome.Refused, decoder.Decode("fleet/b/x/telemetry", """{"power_w":1}""", out DecodedMessage unknown));
        fleet = Decoding.Fleet("""{"sites":[{"id":"b","timeZone":"Asia/Almaty","devices":[{"id":"plug"}]}]}""");
        decoder.Decode("tele/plug/SENSOR", Payload, out DecodedMessage after);

        Assert.Equal(("a", "2025-12-31T20:00:00.000Z"), (before.Site, before.Reading.At.ToString()));
        Assert.Equal(RefusalReason.UnknownSite, unknown.Refusal!.Reason);
        Assert.Equal("topic: the fleet file has no site \"b\"", unknown.Refusal.ToString());
        Assert.Equal(("b", "2025-12-31T15:00:00.000Z"), (after.Site, after.Reading.At.ToString()));
        Assert.Equal(DecodeOutcome.Reading, decoder.Decode("fleet/b/x/telemetry", """{"power_w":1}""", out _));
    }

    [Fact]
    public void Topics_MoreThanAreRemembered_AreStillRead()
    {
        TelemetryDecoder decoder = Decoding.Decoder(options: Decoding.Options with { MaxRoutes = 3 });
        for (int i = 0; i < 20; i++)
        {
            decoder.Decode($"fleet/s/d{i % 7}/telemetry", """{"power_w":1}""", out DecodedMessage message);
            Assert.Equal($"d{i % 7}", message.Device);
        }

        string longTopic = "tele/" + new string('x', 5_000) + "/SENSOR";
        Assert.Equal(DecodeOutcome.Refused, decoder.Decode(longTopic, "{}", out _));
    }

    [Fact]
    public void Topic_WithANul_IsNobodys()
    {
        TelemetryDecoder decoder = Decoding.Decoder(Decoding.Profiles(
            """{"name":"g","messages":[{"topic":"g/#","device":{"path":"id"},"power":{"path":"p","unit":"W"}}]}"""));
        Assert.Equal(DecodeOutcome.Reading, decoder.Decode("g/1", """{"id":"d","p":1}""", out _));

        Assert.Equal(DecodeOutcome.NoProfile, decoder.Decode("g/1\0d", """{"p":1}""", out _));
    }

    [Fact]
    public void Reading_OnAKnownTopic_AllocatesNothing()
    {
        TelemetryDecoder decoder = Decoding.Decoder();
        byte[] topic = "fleet/ekibastuz-1/rig-1/telemetry"u8.ToArray();
        byte[] payload = """
            {"ts":"2025-12-31T23:59:59.000Z","power_w":3250.5,"energy_wh":123456.7,"hashrate_ths":110.2,"temp_c":61.5,"status":"mining"}
            """u8.ToArray();
        byte[] meter = "em-1/status/em:0"u8.ToArray();
        byte[] phases = """{"a_act_power":951.2,"b_act_power":730.1,"c_act_power":732.525,"total_act_power":2413.825}"""u8.ToArray();
        byte[] local = """{"ts":"2026-01-01T04:59:59","power_w":3250.5}"""u8.ToArray();

        // Code that is not compiled for good yet may box; when it is, nobody says.
        int roundsWithout = 0;
        for (int round = 0; round < 100 && roundsWithout < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1_000; i++)
            {
                decoder.Decode(topic, payload, Decoding.Received, out _);
                decoder.Decode(topic, local, Decoding.Received, out _);
                decoder.Decode(meter, phases, Decoding.Received, out _);
            }

            roundsWithout = GC.GetAllocatedBytesForCurrentThread() == before ? roundsWithout + 1 : 0;
            Thread.Sleep(10);
        }

        Assert.Equal(5, roundsWithout);
    }

    [Fact]
    public async Task Decoder_UsedByManyThreads_ReadsEachMessageAsOneWould()
    {
        TelemetryDecoder decoder = Decoding.Decoder(options: Decoding.Options with { MaxRoutes = 50 });

        Task<bool>[] workers = [.. Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            bool right = true;
            for (int i = 0; i < 5_000; i++)
            {
                string device = $"d{((worker * 31) + i) % 80}";
                decoder.Decode($"fleet/s/{device}/telemetry", $$"""{"power_w":{{i}}}""", out DecodedMessage message);
                right &= message.Device == device && message.Reading.Power.Milliwatts == i * 1_000L;
            }

            return right;
        }))];

        Assert.All(await Task.WhenAll(workers), Assert.True);
    }

    [Fact]
    public void AnyBytes_OnAnyTopic_AreTakenWithoutAThrow()
    {
        const int Seed = 4_711;
        var random = new Random(Seed);
        TelemetryDecoder decoder = Decoding.Decoder(options: Decoding.Options with { MaxRoutes = 200 });
        (string Topic, string Payload)[] seeds = [.. CaptureLines()];
        var outcomes = new int[Enum.GetValues<DecodeOutcome>().Length];
        const int Inputs = 60_000;
        for (int i = 0; i < Inputs; i++)
        {
            (string topicText, string payloadText) = seeds[random.Next(seeds.Length)];
            byte[] topic = random.Next(4) == 0 ? Mutate(Encoding.UTF8.GetBytes(topicText), random) : Encoding.UTF8.GetBytes(topicText);
            byte[] payload = random.Next(10) == 0 ? RandomBytes(random) : Mutate(Encoding.UTF8.GetBytes(payloadText), random);

            Exception? thrown = Record.Exception(() =>
            {
                DecodeOutcome outcome = decoder.Decode(topic, payload, Decoding.Received, out DecodedMessage message);
                outcomes[(int)outcome]++;
                CheckInvariants(outcome, message);
            });

            Assert.True(thrown is null, $"seed {Seed}, try {i}: {Convert.ToBase64String(topic)} {Convert.ToBase64String(payload)}\n{thrown}");
        }

        Counts.Write("fuzz-decoder", ("inputs", Inputs));
        Assert.All(outcomes, count => Assert.True(count > 0));
    }

    /// <summary>What no input may bring about.</summary>
    private static void CheckInvariants(DecodeOutcome outcome, in DecodedMessage message)
    {
        Assert.Equal(outcome == DecodeOutcome.Refused, message.Refusal is not null);
        if (outcome is DecodeOutcome.Reading or DecodeOutcome.Presence)
        {
            Assert.True(Identifier.IsValid(message.Site) && Identifier.IsValid(message.Device));
        }

        if (outcome == DecodeOutcome.Reading)
        {
            Reading reading = message.Reading;
            Assert.NotEqual(ReadingFields.None, reading.Fields);
            Assert.InRange(reading.Power.Milliwatts, 0, 5_000_000_000);
            Assert.InRange(reading.Register.MicrowattHours, 0, long.MaxValue);
            Assert.InRange(reading.HashRate.MegahashesPerSecond, 0, long.MaxValue);
            Assert.InRange(reading.At.UnixMilliseconds, 1_262_304_000_000, Decoding.Received.Plus(TimeSpan.FromMinutes(5)).UnixMilliseconds);
        }
    }

    private static IEnumerable<(string Topic, string Payload)> CaptureLines()
    {
        foreach (string file in Directory.EnumerateFiles(
            Repository.File("tests/FleetMonitor.Tests/Cases/telemetry"), "input.jsonl", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            foreach (string line in File.ReadLines(file))
            {
                using var json = System.Text.Json.JsonDocument.Parse(line);
                if (json.RootElement.TryGetProperty("payload", out System.Text.Json.JsonElement payload))
                {
                    yield return (json.RootElement.GetProperty("topic").GetString()!, payload.GetString()!);
                }
            }
        }
    }

    private static byte[] RandomBytes(Random random)
    {
        var bytes = new byte[random.Next(60)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Mutate(byte[] bytes, Random random)
    {
        const string Alphabet = "{}[]\":,0123456789.eE+-\\u nulltrefas/#\0\u007F";
        var mutated = new List<byte>(bytes);
        for (int edits = random.Next(4); edits > 0; edits--)
        {
            int at = random.Next(mutated.Count + 1);
            byte put = random.Next(8) == 0 ? (byte)random.Next(256) : (byte)Alphabet[random.Next(Alphabet.Length)];
            switch (random.Next(4))
            {
                case 0 when at < mutated.Count:
                    mutated[at] = put;
                    break;
                case 1 when at < mutated.Count:
                    mutated.RemoveRange(at, Math.Min(random.Next(1, 6), mutated.Count - at));
                    break;
                case 2 when at < mutated.Count:
                    mutated.InsertRange(at, mutated.GetRange(at, Math.Min(random.Next(1, 30), mutated.Count - at)));
                    break;
                default:
                    mutated.Insert(at, put);
                    break;
            }
        }

        return [.. mutated];
    }
}
