using System.Globalization;
using System.Text;

namespace FleetMonitor.Service.Simulator;

/// <summary>
/// Writes native telemetry: <c>{"ts":"2026-11-21T10:00:00.000Z","power_w":3250.5,"energy_wh":123456.7,"hashrate_ths":110.2,"temp_c":61.5,
/// "status":"mining"}</c>, without the space, as UTF-8 into a buffer of the caller's. One for each thread: it remembers the second that it
/// last spelled out.
/// </summary>
public sealed class TelemetryPayload
{
    /// <summary>No sample takes more, whatever its numbers.</summary>
    public const int MaxBytes = 224;

    private readonly byte[] _second = "0000-00-00T00:00:00."u8.ToArray();
    private long _secondWritten = -1;

    public static string Topic(string site, string device) => $"fleet/{site}/{device}/telemetry";

    /// <returns>The number of bytes written.</returns>
    public int Write(in SimulatedSample sample, Span<byte> target)
    {
        int length = 0;
        Append(target, ref length, "{\"ts\":\""u8);
        AppendTime(target, ref length, sample.Timestamp.UnixMilliseconds);
        Append(target, ref length, "Z\",\"power_w\":"u8);
        AppendTenths(target, ref length, sample.Power.Milliwatts / 100);
        if (sample.Register is { } register)
        {
            Append(target, ref length, ",\"energy_wh\":"u8);
            AppendTenths(target, ref length, register.MicrowattHours / 100_000);
        }

        Append(target, ref length, ",\"hashrate_ths\":"u8);
        AppendTenths(target, ref length, sample.HashRate.MegahashesPerSecond / 100_000);
        Append(target, ref length, ",\"temp_c\":"u8);
        AppendTenths(target, ref length, sample.Temperature.Millicelsius / 100);
        Append(target, ref length, sample.Mining ? ",\"status\":\"mining\"}"u8 : ",\"status\":\"idle\"}"u8);
        return length;
    }

    private void AppendTime(Span<byte> target, ref int length, long unixMilliseconds)
    {
        long second = unixMilliseconds / 1000;
        if (second != _secondWritten)
        {
            string text = DateTimeOffset.FromUnixTimeSeconds(second).ToString("yyyy-MM-dd'T'HH:mm:ss'.'", CultureInfo.InvariantCulture);
            Encoding.UTF8.GetBytes(text, _second);
            _secondWritten = second;
        }

        Append(target, ref length, _second);
        int milliseconds = (int)(unixMilliseconds % 1000);
        target[length++] = (byte)('0' + (milliseconds / 100));
        target[length++] = (byte)('0' + (milliseconds / 10 % 10));
        target[length++] = (byte)('0' + (milliseconds % 10));
    }

    private static void AppendTenths(Span<byte> target, ref int length, long tenths)
    {
        (tenths / 10).TryFormat(target[length..], out int written, provider: CultureInfo.InvariantCulture);
        length += written;
        target[length++] = (byte)'.';
        target[length++] = (byte)('0' + (int)(tenths % 10));
    }

    private static void Append(Span<byte> target, ref int length, ReadOnlySpan<byte> text)
    {
        text.CopyTo(target[length..]);
        length += text.Length;
    }
}
