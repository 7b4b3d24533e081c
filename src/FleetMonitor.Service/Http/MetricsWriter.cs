using System.Globalization;
using System.Text;

namespace FleetMonitor.Service.Http;

/// <summary>
/// Prometheus text (exposition format 0.0.4). A metric is named once, with what it counts, and followed by its values; times are seconds,
/// sizes bytes, and counters end in <c>_total</c>.
/// </summary>
internal sealed class MetricsWriter
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();
    private string _name = string.Empty;

    /// <summary>Begins a metric that only rises while the process runs; <see cref="Value"/> follows.</summary>
    public MetricsWriter Counter(string name, string help) => Begin(name, "counter", help);

    /// <summary>Begins a metric that rises and falls; <see cref="Value"/> follows.</summary>
    public MetricsWriter Gauge(string name, string help) => Begin(name, "gauge", help);

    /// <summary>One value of the metric begun last; each set of labels once.</summary>
    public MetricsWriter Value(double value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        _text.Append(_name);
        char separator = '{';
        foreach ((string label, string text) in labels)
        {
            _text.Append(separator).Append(label).Append("=\"").Append(Escape(text, quotes: true)).Append('"');
            separator = ',';
        }

        if (separator == ',')
        {
            _text.Append('}');
        }

        _text.Append(' ').Append(Number(value)).Append('\n');
        return this;
    }

    public override string ToString() => _text.ToString();

    private MetricsWriter Begin(string name, string type, string help)
    {
        _name = name;
        _text.Append("# HELP ").Append(name).Append(' ').Append(Escape(help, quotes: false)).Append('\n');
        _text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
        return this;
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string Escape(string text, bool quotes)
    {
        string escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }
}
