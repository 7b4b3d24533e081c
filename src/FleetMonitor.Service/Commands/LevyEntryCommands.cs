using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using FleetMonitor.Levy;
using FleetMonitor.Service.Finance;

namespace FleetMonitor.Service.Commands;

/// <summary><c>levy adjust</c> and <c>levy turnover add</c>: what a named person enters, with the reason.</summary>
internal static class LevyEntryCommands
{
    public static Command CreateAdjust(CommonOptions common, TimeProvider time)
    {
        var entry = new EntryOptions();
        var device = new Option<string?>("--device") { Description = "The device whose energy it is; without it, the site's." };
        Option<decimal?> kwh = Number("--kwh", "Energy to add; negative to take off.");
        Option<decimal?> amount = Number("--amount", "Money to add to the charge; negative to take off.");
        var charge = new Option<string?>("--charge") { Description = "The charge that --amount is for; without it, the levy." };
        var command = new Command("adjust", "A manual adjustment: a posting of its own, with who and why.") { device, kwh, amount, charge };
        entry.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var body = new AdjustmentBody(
                parsed.GetValue(entry.Site),
                parsed.GetValue(entry.Day),
                parsed.GetValue(entry.By),
                parsed.GetValue(entry.Reason),
                parsed.GetValue(device),
                parsed.GetValue(kwh),
                parsed.GetValue(charge),
                parsed.GetValue(amount));
            return EnterAsync(
                common,
                parsed,
                time,
                "levy/adjustments",
                JsonSerializer.SerializeToUtf8Bytes(body, FinanceBodies.Default.AdjustmentBody),
                body.ToDraft,
                cancellation);
        });
        return command;
    }

    public static Command CreateTurnoverAdd(CommonOptions common, TimeProvider time)
    {
        var entry = new EntryOptions();
        var charge = new Option<string>("--charge") { Description = "The charge on revenue, such as kz-astana-hub-royalty.", Required = true };
        Option<decimal?> amount = Number("--amount", "The turnover, in the charge's currency.");
        amount.Required = true;
        var command = new Command("add", "Enters turnover for a charge on revenue.") { charge, amount };
        entry.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var body = new TurnoverBody(
                parsed.GetValue(entry.Site),
                parsed.GetValue(entry.Day),
                parsed.GetValue(entry.By),
                parsed.GetValue(entry.Reason),
                parsed.GetValue(charge),
                parsed.GetValue(amount));
            return EnterAsync(
                common,
                parsed,
                time,
                "levy/turnover",
                JsonSerializer.SerializeToUtf8Bytes(body, FinanceBodies.Default.TurnoverBody),
                body.ToDraft,
                cancellation);
        });
        return command;
    }

    private static Task<int> EnterAsync(
        CommonOptions common,
        ParseResult parsed,
        TimeProvider time,
        string path,
        byte[] body,
        Func<RateSchedule, (PostingDraft? Draft, string? Problem)> draftOf,
        CancellationToken cancellation)
    {
        var act = new LedgerAct(path, body, async (_, bookkeeper, json, token) =>
        {
            (PostingDraft? draft, string? problem) = draftOf(bookkeeper.Schedule);
            if (draft is null)
            {
                return new ActRefusal($"Not posted: {problem}.", ExitCode.WrongUsage);
            }

            (Posting? posting, IReadOnlyList<string> problems) = await bookkeeper.EnterAsync(draft, token);
            if (posting is null)
            {
                return new ActRefusal($"Not posted: {string.Join("; ", problems)}.", ExitCode.WrongUsage);
            }

            PeriodJson.WritePosting(json, posting);
            return null;
        });
        return act.RunAsync(common, parsed, time, cancellation);
    }

    private static Option<decimal?> Number(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            string text = result.Tokens.Count == 0 ? string.Empty : result.Tokens[^1].Value;
            if (decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value))
            {
                return value;
            }

            result.AddError($"{name}: \"{text}\" will not do; write a number such as -12.5.");
            return null;
        },
    };

    private sealed class EntryOptions
    {
        public Option<string> Site { get; } = new("--site") { Description = "The site.", Required = true };

        public Option<DateOnly?> Day { get; } = Arguments.Date("--day", "The local day it belongs to.");

        public Option<string> By { get; } = new("--by") { Description = "Full name of the person who decides.", Required = true };

        public Option<string> Reason { get; } = new("--reason") { Description = "Why.", Required = true };

        public void AddTo(Command command)
        {
            Day.Required = true;
            command.Add(Site);
            command.Add(Day);
            command.Add(By);
            command.Add(Reason);
        }
    }
}
