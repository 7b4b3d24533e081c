using System.Net;
using System.Text.RegularExpressions;
using Xunit;

namespace FleetMonitor.Tests.Http;

public sealed partial class PageTests
{
    private static readonly string Assets = Repository.File("src/FleetMonitor.Service/Pages/Assets");

    [Theory]
    [InlineData("/", null, "en")]
    [InlineData("/", "ru-RU,ru;q=0.9,en;q=0.8", "ru")]
    [InlineData("/", "de, en;q=0.7, ru;q=0.8", "ru")]
    [InlineData("/", "kk", "en")]
    [InlineData("/?lang=ru", "en", "ru")]
    [InlineData("/?lang=xx", "ru", "ru")]
    public async Task Page_AskedForInALanguage_IsInIt(string path, string? accepted, string expected)
    {
        await using RunningService service = await RunningService.StartAsync();
        if (accepted is not null)
        {
            service.Http.DefaultRequestHeaders.AcceptLanguage.ParseAdd(accepted);
        }

        string page = await service.Http.GetStringAsync(new Uri(path, UriKind.Relative));

        Assert.Contains($"<html lang=\"{expected}\">", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_Files_AllowNothingButThemselves()
    {
        await using RunningService service = await RunningService.StartAsync();

        using HttpResponseMessage response = await service.Http.GetAsync(new Uri("/", UriKind.Relative));

        string policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task Page_EveryFile_IsServedAndNotSentAgainUnchanged()
    {
        await using RunningService service = await RunningService.StartAsync();
        string[] files = [.. Directory.GetFiles(Assets).Select(Path.GetFileName).OfType<string>().Where(name => name != "index.html")];
        Assert.NotEmpty(files);

        foreach (string name in files)
        {
            using HttpResponseMessage first = await service.Http.GetAsync(new Uri($"/page/{name}", UriKind.Relative));
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);
            using var again = new HttpRequestMessage(HttpMethod.Get, new Uri($"/page/{name}", UriKind.Relative));
            again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
            using HttpResponseMessage second = await service.Http.SendAsync(again);
            Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        }
    }

    [Fact]
    public void Page_Sources_AskNobodyElseAndHoldNoInlineScriptOrStyle()
    {
        foreach (string file in Directory.GetFiles(Assets))
        {
            string text = File.ReadAllText(file).Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal);
            Assert.False(Elsewhere().IsMatch(text), $"{file} names another host");
            Assert.DoesNotContain("innerHTML", text, StringComparison.Ordinal);
        }

        string index = File.ReadAllText(Path.Combine(Assets, "index.html"));
        Assert.DoesNotMatch("<style|style=|<script>|onclick=", index);
    }

    [Fact]
    public void Page_EveryWord_IsThereInBothLanguages()
    {
        string text = File.ReadAllText(Path.Combine(Assets, "text.js"));
        HashSet<string> words = [.. Word().Matches(text).Select(match => match.Groups["key"].Value)];

        string[] used =
        [
            .. Directory.GetFiles(Assets, "*.js").SelectMany(file => Used().Matches(File.ReadAllText(file)).Select(match => match.Groups["key"].Value)),
        ];

        Assert.NotEmpty(used);
        Assert.Empty(used.Except(words));
    }

    [Fact]
    public void Page_EveryKindOfAnomaly_HasANameARuleAndASentenceInRussian()
    {
        string text = File.ReadAllText(Path.Combine(Assets, "text.js"));
        string evidence = File.ReadAllText(Path.Combine(Assets, "evidence.js"));
        Assert.All(Enum.GetValues<FleetMonitor.Anomalies.AnomalyKind>().Select(FleetMonitor.Anomalies.AnomalyKindCodes.Code), kind =>
        {
            Assert.Contains($"\"kind.{kind}\":", text, StringComparison.Ordinal);
            Assert.Matches($"\\n  \"?{kind}\"?: \\[\\s*\"\\p{{IsCyrillic}}", evidence);
            Assert.Matches($"\\n  \"?{kind}\"?: \"\\p{{IsCyrillic}}", evidence);
        });
    }

    /// <summary>Text of 4.5 to 1 at least, in both themes. (WCAG 2.2, 1.4.3)</summary>
    [Theory]
    [InlineData("ink", "ground")]
    [InlineData("ink", "panel")]
    [InlineData("muted", "ground")]
    [InlineData("muted", "panel")]
    [InlineData("muted", "tint")]
    [InlineData("accent", "ground")]
    [InlineData("accent", "panel")]
    [InlineData("warning-ink", "panel")]
    [InlineData("critical-ink", "panel")]
    [InlineData("critical-ink", "ground")]
    [InlineData("on-offline", "offline")]
    [InlineData("on-stale", "stale")]
    public void Page_Text_StandsOutFromWhatItStandsOn(string text, string ground)
    {
        string[] themes = File.ReadAllText(Path.Combine(Assets, "style.css")).Split("prefers-color-scheme: dark")[..2];
        Assert.All(themes, theme => Assert.True(Contrast(Colour(theme, text), Colour(theme, ground)) >= 4.5, $"{text} on {ground}"));
    }

    private static double Contrast(double one, double other) => (Math.Max(one, other) + 0.05) / (Math.Min(one, other) + 0.05);

    /// <summary>Relative luminance of a variable's colour.</summary>
    private static double Colour(string theme, string name)
    {
        string hex = Regex.Match(theme, $"--{name}: #([0-9a-f]+);").Groups[1].Value;
        hex = hex.Length == 3 ? string.Concat(hex.Select(digit => $"{digit}{digit}")) : hex;
        double[] channels = [.. Convert.FromHexString(hex).Select(value => value / 255.0).Select(value => value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4))];
        return (0.2126 * channels[0]) + (0.7152 * channels[1]) + (0.0722 * channels[2]);
    }

    [GeneratedRegex("""(https?:)?//[a-z0-9-]+\.[a-z]""")]
    private static partial Regex Elsewhere();

    [GeneratedRegex("""^  "?(?<key>[a-zA-Z.-]+)"?: ?\[\s*"[^"]+",\s*"[^"]+"\]""", RegexOptions.Multiline)]
    private static partial Regex Word();

    [GeneratedRegex("""\bt\("(?<key>[^"]+)"\)""")]
    private static partial Regex Used();
}
