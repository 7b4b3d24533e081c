using System.Globalization;
using FleetMonitor.RealServers.Ingest;
using FleetMonitor.RealServers.Servers;
using Xunit;

namespace FleetMonitor.RealServers.Browser;

/// <summary>The built-in pages, in a real browser, over a service that a simulated fleet publishes to.</summary>
[Collection(BusyCollection.Name)]
public sealed class PagesTests
{
    private const string Fleet = PageFleet.Site;

    [RealServerFact(Chromium.Program)]
    public async Task Pages_OverALiveFleet_ShowItInBothLanguages_AndThrowNothing()
    {
        await using PageFleet fleet = await PageFleet.StartAsync(1_000, history: 1_000, interval: 2);
        await using Chromium chromium = await Chromium.StartAsync();
        await using Tab tab = await chromium.OpenAsync();

        await tab.GoAsync($"{fleet.Url}#/anomalies");
        await tab.ShowsAsync("rig-7");
        foreach ((string page, string[] texts) in (IEnumerable<(string, string[])>)
        [
            ("", ["Levy today", "1,000", "Ekibastuz 1", "25 racks"]),
            ($"#/sites/{Fleet}", ["Racks that need somebody", "A-12", "Tax Code (2026)"]),
            ($"#/sites/{Fleet}?show=temperature", ["no live value", "°C"]),
            ("#/devices", ["rig-1", "Antminer S19 Pro"]),
            ($"#/devices/{Fleet}/rig-17", ["rig-17", "A-01", "Days of this quarter", "Gaps"]),
            ("#/levy", ["Pay by", Fleet]),
            ("#/quarantine", ["wrong-type", "unknown-site"]),
            ("#/service", ["Messages", "free on its disk"]),
        ])
        {
            await tab.GoAsync(fleet.Url + page);
            foreach (string text in texts)
            {
                await tab.ShowsAsync(text);
            }

            Assert.Equal("", await tab.EvaluateAsync(Unnamed));
            await tab.LookAsync(Screen.OnPhone);
            Assert.Equal("390", await tab.EvaluateAsync("document.scrollingElement.scrollWidth"));
            await tab.LookAsync(Screen.Desktop);
        }

        await tab.GoAsync($"{fleet.Url}?lang=ru");
        await tab.ShowsAsync("Хешрейт");
        Assert.Empty(tab.Errors);
        await Pictures.TakeAsync(tab, fleet, "1000");
    }

    [RealServerFact(Chromium.Program)]
    public async Task Map_WithKeysAlone_LeadsFromRackToRack_AndToTheDevice()
    {
        await using PageFleet fleet = await PageFleet.StartAsync(60, history: 5, interval: 5);
        await using Chromium chromium = await Chromium.StartAsync();
        await using Tab tab = await chromium.OpenAsync();
        await tab.GoAsync(fleet.Url);
        await tab.UntilAsync("document.querySelector('canvas')?.getAttribute('aria-label')?.startsWith('Ekibastuz 1: 60')"
            + " || document.querySelector('.mapline')?.innerText.includes('60, 2 racks')");
        await tab.EvaluateAsync("document.querySelector('canvas').focus()");

        // Racks of forty are eight rows of five.
        foreach ((string key, string device) in (IEnumerable<(string, string)>)
            [("ArrowRight", "rig-1"), ("ArrowRight", "rig-2"), ("ArrowDown", "rig-7"), ("PageDown", "rig-41"), ("ArrowLeft", "rig-5"), ("End", "rig-60"), ("PageUp", "rig-1")])
        {
            await tab.KeyAsync(key);
            Assert.Equal(device, await tab.EvaluateAsync("document.querySelector('.mapline a')?.innerText ?? ''"));
        }

        await tab.KeyAsync("Enter");
        await tab.UntilAsync($"location.hash === '#/devices/{Fleet}/rig-1'");
        Assert.Empty(tab.Errors);
    }

    [RealServerFact(Chromium.Program)]
    public async Task Period_IsClosedOnlyWithTheFinanceKey_AndAsksFirst()
    {
        string period = $"{DateTime.UtcNow.Year}-Q{((DateTime.UtcNow.Month - 1) / 3) + 1}";
        await using PageFleet fleet = await PageFleet.StartAsync(20, history: 20, interval: 5, PageFleet.Keys);
        await using Chromium chromium = await Chromium.StartAsync();
        await using Tab tab = await chromium.OpenAsync();
        string page = $"{fleet.Url}#/levy/{period}/{Fleet}";

        await GiveKeyAsync(tab, page, "wrong");
        await tab.ShowsAsync("That key is not known.");
        await GiveKeyAsync(tab, page, PageFleet.OperatorKey);
        await tab.ShowsAsync("Closing takes a key with the role finance");
        await GiveKeyAsync(tab, page, PageFleet.FinanceKey);
        await tab.ClickAsync("Close the period…");
        await tab.ShowsAsync("What is filed");
        await tab.ClickAsync("Cancel");
        await tab.UntilAsync("document.querySelector('dialog') === null");
        await tab.ClickAsync("Close the period…");
        await tab.EvaluateAsync("document.querySelector('dialog input[name=by]').value = 'Ann Example'; document.querySelector('dialog input[name=force]').checked = true");
        await tab.ClickAsync("Close the period");

        await tab.ShowsAsync("Closed by Ann Example");
        // Readings go on: what came after it is a pending amendment at once.
        await tab.UntilAsync("['closed', 'amended'].includes(document.querySelector('h1 small').innerText)");
    }

    [RealServerFact(Chromium.Program)]
    public async Task Anomaly_IsAcknowledgedAndMutedByAnOperator_AndStandsApartUntilItIsUnmuted()
    {
        await using PageFleet fleet = await PageFleet.StartAsync(20, history: 0, interval: 2, PageFleet.Keys);
        await using Chromium chromium = await Chromium.StartAsync();
        await using Tab tab = await chromium.OpenAsync();
        await GiveKeyAsync(tab, $"{fleet.Url}#/anomalies", PageFleet.OperatorKey);
        await tab.ShowsAsync("rig-7");
        // The browser notes what was refused before the key was given.
        int refused = tab.Errors.Count;

        await AnswerAsync("Acknowledge", "Olga Example", "on the way");
        await tab.ShowsAsync("Acknowledged: Olga Example");
        await tab.ShowsAsync("on the way");
        await AnswerAsync("Mute", "Olga Example", "spare part ordered");
        await tab.UntilAsync("!document.body.innerText.includes('rig-7')");
        await tab.ClickAsync("Muted");
        await tab.ShowsAsync("spare part ordered");
        await AnswerAsync("Unmute", "Olga Example", "");
        await tab.UntilAsync("!document.body.innerText.includes('rig-7')");
        await tab.ClickAsync("Active");
        await tab.ShowsAsync("rig-7");
        Assert.Equal(refused, tab.Errors.Count);

        async Task AnswerAsync(string act, string by, string reason)
        {
            await tab.ClickAsync(act);
            await tab.UntilAsync("document.querySelector('dialog[open]')");
            await tab.EvaluateAsync(
                $"document.querySelector('dialog input[name=by]').value = '{by}'; document.querySelector('dialog input[name=reason]').value = '{reason}'");
            await tab.ClickAsync(act);
            await tab.UntilAsync("document.querySelector('dialog') === null");
        }
    }

    private static async Task GiveKeyAsync(Tab tab, string page, string key)
    {
        await tab.GoAsync(page);
        await tab.EvaluateAsync("sessionStorage.clear()");
        await tab.GoAsync(page);
        await tab.UntilAsync("document.querySelector('input[name=key]')");
        await tab.EvaluateAsync($"document.querySelector('input[name=key]').value = \"{key}\"; document.querySelector('input[name=key]').form.requestSubmit()");
    }

    /// <summary>
    /// First paint, and when the map of 55,000 rigs stood, as the browser's own clock has it, over a service that takes their readings meanwhile. On
    /// two processors that the service, the simulator, the browser and this test share.
    /// </summary>
    [RealServerFact(Chromium.Program)]
    public async Task FiftyFiveThousandRigs_AreDrawnAtOnce()
    {
        await using PageFleet fleet = await PageFleet.StartAsync(55_000, history: 80, interval: 20);
        await using Chromium chromium = await Chromium.StartAsync();
        await using Tab tab = await chromium.OpenAsync();
        await tab.GoAsync(fleet.Url);
        await tab.UntilAsync("document.querySelector('canvas')?.getAttribute('aria-label')?.includes('54,')");

        // As somebody who comes back: the pages lie in the browser's cache, the numbers do not.
        await tab.GoAsync(fleet.Url);
        await tab.UntilAsync("performance.getEntriesByName('map').length > 0");
        double painted = await MillisecondsAsync(tab, "performance.getEntriesByName('first-contentful-paint')[0].startTime");
        double mapped = await MillisecondsAsync(tab, "performance.getEntriesByName('map')[0].startTime");
        double drawing = await MillisecondsAsync(tab, "performance.getEntriesByName('map-draw').at(-1).duration");
        string figures = string.Create(CultureInfo.InvariantCulture, $"first paint {painted:0} ms, map {mapped:0} ms, drawing it {drawing:0} ms");
        Pictures.Note(figures);
        Assert.True(painted < 1_000, figures);
        Assert.True(mapped < 3_000, figures);
        Assert.Empty(tab.Errors);
        await Pictures.TakeAsync(tab, fleet, "55000");
    }

    private const string Unnamed =
        "[...document.querySelectorAll('a, button, input, select, canvas, [role=img]')].filter(one => "
        + "!(one.getAttribute('aria-label') || one.innerText?.trim() || one.closest('label')?.innerText.trim())).map(one => one.outerHTML).join('\\n')";

    private static async Task<double> MillisecondsAsync(Tab tab, string expression) =>
        double.Parse(await tab.EvaluateAsync(expression), CultureInfo.InvariantCulture);
}
