using System.Buffers;
using System.Text;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Service.Capture;
using Xunit;

namespace FleetMonitor.Tests.Simulator;

public class CaptureTests
{
    private static readonly Instant At = Instant.From(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Writer_Text_GoesIntoPayload() => Assert.Equal(
        """{"at":"2026-01-01T00:00:00.000Z","topic":"tele/Müller [2]/SENSOR","payload":"{\"a\":\"°<>&+\\n\"}"}""" + "\n",
        Write("tele/Müller [2]/SENSOR"u8, """{"a":"°<>&+\n"}"""u8, retain: false));

    [Theory]
    [InlineData(new byte[] { 0xFF }, "/w==")]
    [InlineData(new byte[] { 0x61, 0x00 }, "YQA=")]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 }, "7aCA")]
    public void Writer_PayloadThatIsNoTextOrHoldsNul_GoesIntoBase64(byte[] payload, string base64) => Assert.Equal(
        $$"""{"at":"2026-01-01T00:00:00.000Z","topic":"t","payloadBase64":"{{base64}}"}""" + "\n", Write("t"u8, payload, retain: false));

    [Fact]
    public void Writer_Retained_SaysSo() =>
        Assert.Equal("""{"at":"2026-01-01T00:00:00.000Z","topic":"t","payload":"","retain":true}""" + "\n", Write("t"u8, [], retain: true));

    [Fact]
    public void Capture_OfRandomMessages_ReadsBackByteByByte()
    {
        const int seed = 20260101;
        var random = new Random(seed);
        var target = new ArrayBufferWriter<byte>();
        var writer = new CaptureWriter(target);
        var written = new List<(Instant At, byte[] Payload, bool Retain)>();
        for (int message = 0; message < 500; message++)
        {
            byte[] payload = new byte[random.Next(0, 400)];
            random.NextBytes(payload);
            if (message % 2 == 0)
            {
                payload = Encoding.UTF8.GetBytes(string.Concat(payload.Select(value => (char)(value * 37))).Replace("\0", "\r\n\t\"\\"));
            }

            Instant at = At.Plus(TimeSpan.FromMilliseconds(random.Next()));
            writer.Write(at, "a/é/☃"u8, payload, message % 3 == 0);
            written.Add((at, payload, message % 3 == 0));
        }

        CaptureLine[] read = [.. CaptureFile.Read(new TricklingStream(target.WrittenSpan.ToArray(), random))];
        Assert.Equal(written.Count, read.Length);
        for (int message = 0; message < read.Length; message++)
        {
            CaptureEntry? entry = read[message].Entry;
            Assert.True(entry is not null, $"seed {seed}, line {read[message].Number}: {read[message].Problem}");
            Assert.Equal(message + 1, read[message].Number);
            Assert.Equal(written[message].At, entry.At);
            Assert.Equal("a/é/☃", Encoding.UTF8.GetString(entry.Topic.Span));
            Assert.Equal(written[message].Payload, entry.Payload.ToArray());
            Assert.Equal(written[message].Retain, entry.Retain);
        }
    }

    [Theory]
    [InlineData("""{"at":"2026-01-01T00:00:00.000Z","topic":"t","payl""", "no JSON")]
    [InlineData("""{"at":"2026-01-01T00:00:00Z","topic":"t","payload":"a"} {}""", "no JSON")]
    [InlineData("[1]", "no JSON object")]
    [InlineData("""{"topic":"t","payload":"a"}""", "\"at\" is missing")]
    [InlineData("""{"at":"2026-01-01T00:00:00","topic":"t","payload":"a"}""", "\"at\" is no time")]
    [InlineData("""{"at":1767225600000,"topic":"t","payload":"a"}""", "\"at\" is no time")]
    [InlineData("""{"at":"2026-01-01T00:00:00Z","payload":"a"}""", "\"topic\" is missing")]
    [InlineData("""{"at":"2026-01-01T00:00:00Z","topic":"a/#","payload":"a"}""", "\"topic\" is no topic name")]
    [InlineData("""{"at":"2026-01-01T00:00:00Z","topic":"t"}""", "\"payload\" is missing")]
    [InlineData("""{"at":"2026-01-01T00:00:00Z","topic":"t","payload":{"power_w":1}}""", "\"payload\" is no text")]
    [InlineData("""{"at":"2026-01-01T00:00:00Z","topic":"t","payload":"\ud800"}""", "\"payload\" is no text")]
    [InlineData("""{"at":"2026-01-01T00:00:00Z","topic":"t","payloadBase64":"?"}""", "\"payloadBase64\" is no Base64")]
    [InlineData("""{"at":"2026-01-01T00:00:00Z","topic":"t","payload":"a","payloadBase64":"YQ=="}""", "two payloads")]
    [InlineData("""{"at":"2026-01-01T00:00:00Z","topic":"t","payload":"a","retain":1}""", "\"retain\"")]
    public void Reader_BadLine_IsNamed_AndTheNextIsRead(string line, string problem)
    {
        string good = """{"at":"2026-01-01T05:00:00+05:00","topic":"t","note":{"x":[1]},"payload":"a"}""";
        CaptureLine[] read = [.. CaptureFile.Read(new MemoryStream(Encoding.UTF8.GetBytes($"\uFEFF{good}\r\n\n  \n{line}\n{good}")))];

        Assert.Equal([1, 4, 5], read.Select(found => found.Number));
        Assert.Equal(At, read[0].Entry!.At);
        Assert.Null(read[1].Entry);
        Assert.Contains(problem, read[1].Problem, StringComparison.Ordinal);
        Assert.Equal("a"u8.ToArray(), read[2].Entry!.Payload.ToArray());
    }

    [Theory]
    [InlineData("2026-01-01T00:00:00Z")]
    [InlineData("2026-01-01t00:00:00.0009z")]
    [InlineData("2026-01-01T05:00:00.00000000001+05:00")]
    [InlineData("2025-12-31 14:00:00-10:00")]
    public void Reader_TimeInAnyFormOfRfc3339_IsRead(string at)
    {
        string line = $$"""{"at":"{{at}}","topic":"t","payload":"a"}""";

        CaptureLine read = Assert.Single(CaptureFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(line))));

        Assert.Equal(At, read.Entry?.At);
    }

    [Fact]
    public void Reader_InvalidUtf8_IsNamed()
    {
        byte[] line = [.. """{"at":"2026-01-01T00:00:00Z","topic":"t","payload":"""u8, (byte)'"', 0xFF, (byte)'"', (byte)'}'];

        CaptureLine read = Assert.Single(CaptureFile.Read(new MemoryStream(line)));
        Assert.Null(read.Entry);
        Assert.NotNull(read.Problem);
    }

    [Fact]
    public void Reader_OfNothing_YieldsNothing() => Assert.Empty(CaptureFile.Read(new MemoryStream()));

    private static string Write(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, bool retain)
    {
        var target = new ArrayBufferWriter<byte>();
        new CaptureWriter(target).Write(At, topic, payload, retain);
        return Encoding.UTF8.GetString(target.WrittenSpan);
    }

    /// <summary>Gives what it has in pieces of any size.</summary>
    private sealed class TricklingStream(byte[] bytes, Random random) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, random.Next(1, 3000)));
    }
}
