using System.Globalization;
using System.Security;
using System.Text;

namespace FleetMonitor.Benchmarks.Reporting;

/// <summary>One line of a panel; points from left to right.</summary>
internal sealed record Curve(string Name, string Colour, bool IsDashed, IReadOnlyList<(double X, double Y)> Points);

/// <summary>One pair of axes, both logarithmic.</summary>
internal sealed record Panel(string Title, IReadOnlyList<Curve> Curves);

/// <summary>Draws panels side by side that share their horizontal axis, as an SVG that stands for itself: no script, no font, no style from outside.</summary>
internal static class LineChart
{
    private const int Width = 330;
    private const int Height = 260;
    private const int Left = 60;
    private const int Gap = 40;
    private const int Top = 70;
    private const int LegendLine = 20;

    public static string Draw(string title, string horizontal, IReadOnlyList<Panel> panels)
    {
        Curve[] legend = [.. panels.SelectMany(panel => panel.Curves).DistinctBy(curve => curve.Name)];
        int legendTop = Top + Height + 62;
        int width = Left + (panels.Count * (Width + Gap + Left)) - Left;
        int height = legendTop + ((legend.Length + 1) / 2 * LegendLine) + 10;
        var svg = new StringBuilder();
        Line(svg, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-family="sans-serif" font-size="12">""");
        Line(svg, $"""<rect width="{width}" height="{height}" fill="#ffffff"/>""");
        Line(svg, $"""<text x="{Left}" y="28" font-size="17" fill="#222222">{SecurityElement.Escape(title)}</text>""");
        for (int i = 0; i < panels.Count; i++)
        {
            Draw(svg, panels[i], horizontal, Left + (i * (Width + Gap + Left)));
        }

        for (int i = 0; i < legend.Length; i++)
        {
            int x = Left + (i % 2 * 420);
            int y = legendTop + (i / 2 * LegendLine);
            Line(svg, $"""<line x1="{x}" y1="{y}" x2="{x + 34}" y2="{y}" {Stroke(legend[i])}/>""");
            Line(svg, $"""<text x="{x + 42}" y="{y + 4}" fill="#222222">{SecurityElement.Escape(legend[i].Name)}</text>""");
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static void Draw(StringBuilder svg, Panel panel, string horizontal, int left)
    {
        (double X, double Y)[] points = [.. panel.Curves.SelectMany(curve => curve.Points)];
        var across = new LogAxis(points.Min(point => point.X), points.Max(point => point.X), left, left + Width, [1]);
        var up = new LogAxis(points.Min(point => point.Y), points.Max(point => point.Y), Top + Height, Top, [1, 2, 5]);
        Line(svg, $"""<text x="{left}" y="{Top - 14}" font-size="13" fill="#222222">{SecurityElement.Escape(panel.Title)}</text>""");
        foreach (double tick in up.Ticks)
        {
            Line(svg, $"""<line x1="{left}" y1="{up.At(tick):F1}" x2="{left + Width}" y2="{up.At(tick):F1}" stroke="#dddddd"/>""");
            Line(svg, $"""<text x="{left - 8}" y="{up.At(tick) + 4:F1}" text-anchor="end" fill="#444444">{tick:#,0.##}</text>""");
        }

        foreach (double tick in across.Ticks)
        {
            Line(svg, $"""<line x1="{across.At(tick):F1}" y1="{Top}" x2="{across.At(tick):F1}" y2="{Top + Height}" stroke="#eeeeee"/>""");
            Line(svg, $"""<text x="{across.At(tick):F1}" y="{Top + Height + 18}" text-anchor="middle" fill="#444444">{tick:#,0.##}</text>""");
        }

        Line(svg, $"""<text x="{left + (Width / 2)}" y="{Top + Height + 36}" text-anchor="middle" fill="#444444">{SecurityElement.Escape(horizontal)}</text>""");
        foreach (Curve curve in panel.Curves.Where(curve => curve.Points.Count > 0))
        {
            string path = string.Join(' ', curve.Points.Select(point => FormattableString.Invariant($"{across.At(point.X):F1},{up.At(point.Y):F1}")));
            Line(svg, $"""<polyline points="{path}" fill="none" {Stroke(curve)}/>""");
            foreach ((double x, double y) in curve.Points)
            {
                Line(svg, $"""<circle cx="{across.At(x):F1}" cy="{up.At(y):F1}" r="3.5" fill="{curve.Colour}"/>""");
            }
        }
    }

    private static string Stroke(Curve curve) =>
        $"""stroke="{curve.Colour}" stroke-width="2"{(curve.IsDashed ? " stroke-dasharray=\"6 4\"" : "")}""";

    private static void Line(StringBuilder svg, FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    /// <summary>From figures to places on the paper, in decades; it begins and ends at a tick.</summary>
    private sealed class LogAxis
    {
        private readonly double _least;
        private readonly double _decades;
        private readonly double _from;
        private readonly double _to;

        public LogAxis(double least, double greatest, double from, double to, double[] steps)
        {
            (_from, _to) = (from, to);
            double[] all = [.. Enumerable.Range(-4, 14).SelectMany(decade => steps.Select(step => step * Math.Pow(10, decade)))];
            _least = all.Last(tick => tick <= least * 1.0001 || tick == all[0]);
            double end = all.First(tick => (tick >= greatest * 0.9999 && tick > _least) || tick == all[^1]);
            _decades = Math.Log10(end / _least);
            Ticks = [.. all.Where(tick => tick >= _least && tick <= end)];
        }

        public IReadOnlyList<double> Ticks { get; }

        public double At(double figure) => _from + ((_to - _from) * Math.Log10(Math.Max(figure, _least) / _least) / _decades);
    }
}
