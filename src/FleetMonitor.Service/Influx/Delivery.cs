using System.Text;
using FleetMonitor.Ledger;

namespace FleetMonitor.Service.Influx;

/// <summary>How a delivery ended.</summary>
/// <param name="Stopped">What stopped it, where not every line was either taken or refused: all of it is sent again later.</param>
/// <param name="Refused">Lines that the store will never take, by its reasons.</param>
internal sealed record DeliveryResult(PointAnswer? Stopped, IReadOnlyDictionary<string, List<ReadOnlyMemory<byte>>> Refused);

/// <summary>
/// Brings lines to a store that may refuse some: those are found by what the store says of them or, where it says nothing useful, by halving
/// until they stand alone. Lines go out in order, so that a corrected point never comes before the one it corrects.
/// </summary>
internal sealed class Delivery(Func<ReadOnlyMemory<byte>, CancellationToken, Task<PointAnswer>> write)
{
    private readonly Dictionary<string, List<ReadOnlyMemory<byte>>> _refused = new(StringComparer.Ordinal);

    /// <param name="text">Whole lines, each ending in a newline.</param>
    public async Task<DeliveryResult> RunAsync(ReadOnlyMemory<byte> text, CancellationToken cancellation) =>
        new(await SendAsync(Split(text), cancellation), _refused);

    /// <summary>Cuts text into lines, each with its newline.</summary>
    public static List<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> text)
    {
        var lines = new List<ReadOnlyMemory<byte>>();
        while (!text.IsEmpty)
        {
            int end = text.Span.IndexOf((byte)'\n');
            int length = end < 0 ? text.Length : end + 1;
            lines.Add(text[..length]);
            text = text[length..];
        }

        return lines;
    }

    public static byte[] Join(IReadOnlyCollection<ReadOnlyMemory<byte>> lines)
    {
        byte[] text = new byte[lines.Sum(line => line.Length)];
        int at = 0;
        foreach (ReadOnlyMemory<byte> line in lines)
        {
            line.CopyTo(text.AsMemory(at));
            at += line.Length;
        }

        return text;
    }

    private async Task<PointAnswer?> SendAsync(List<ReadOnlyMemory<byte>> lines, CancellationToken cancellation)
    {
        if (lines.Count == 0)
        {
            return null;
        }

        PointAnswer answer = await write(Join(lines), cancellation);
        switch (answer.Verdict)
        {
            case PointVerdict.Taken:
                return null;
            case PointVerdict.Refused when answer.Dropped == lines.Count:
            case PointVerdict.Refused or PointVerdict.TooLarge when lines.Count == 1:
                lines.ForEach(line => Refuse(line, answer.Reason));
                return null;
            case PointVerdict.Refused when Named(lines, answer) is { Count: > 0 } named:
                return await SendAsync(named, cancellation);
            case PointVerdict.Refused or PointVerdict.TooLarge:
                int half = lines.Count / 2;
                return await SendAsync(lines[..half], cancellation) ?? await SendAsync(lines[half..], cancellation);
            default:
                return answer;
        }
    }

    /// <summary>Sorts out the lines that the answer names.</summary>
    /// <returns>The others; none where it names no line, or all.</returns>
    private List<ReadOnlyMemory<byte>> Named(List<ReadOnlyMemory<byte>> lines, PointAnswer answer)
    {
        if (answer.QuotedLines.Count + answer.NumberedLines.Count == 0)
        {
            return [];
        }

        var rest = new List<ReadOnlyMemory<byte>>(lines.Count);
        var named = new List<ReadOnlyMemory<byte>>();
        for (int i = 0; i < lines.Count; i++)
        {
            bool bad = answer.NumberedLines.Contains(i)
                || (answer.QuotedLines.Count > 0 && answer.QuotedLines.Contains(Encoding.UTF8.GetString(lines[i].Span).TrimEnd('\n')));
            (bad ? named : rest).Add(lines[i]);
        }

        if (named.Count == 0 || rest.Count == 0)
        {
            return [];
        }

        named.ForEach(line => Refuse(line, answer.Reason));
        return rest;
    }

    private void Refuse(ReadOnlyMemory<byte> line, string reason)
    {
        if (!_refused.TryGetValue(reason, out List<ReadOnlyMemory<byte>>? lines))
        {
            _refused.Add(reason, lines = []);
        }

        lines.Add(line);
    }
}
