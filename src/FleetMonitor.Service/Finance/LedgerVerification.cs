using System.Globalization;
using System.Security.Cryptography;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Service.Evidence;
using FleetMonitor.Service.Pipeline;

namespace FleetMonitor.Service.Finance;

/// <param name="Fault">The first thing that is off; null where nothing is.</param>
/// <param name="Detail">What was looked at.</param>
internal sealed record VerificationStep(string Name, string? Fault, string Detail);

/// <summary>
/// Recomputes a ledger from what is kept in it, and holds it against what was written down elsewhere:
/// <code>
///   readings, hours ──▶ device-days ──▶ accounts
///          │                 └──▶ postings ──▶ chain ──▶ anchors, statements
///          └──▶ gaps, events           └──▶ rated again ──▶ ▲
///   every row of every table ──▶ seals
/// </code>
/// </summary>
/// <param name="anchors">Read before the ledger was opened, so that none is ahead of it; null for a copy that has no anchor file beside it.</param>
/// <param name="knownHead">A head's hash that somebody kept; null where nobody did.</param>
internal sealed class LedgerVerification(
    LedgerReader ledger, (IReadOnlyList<Anchor> Anchors, IReadOnlyList<int> BadLines)? anchors, string? knownHead)
{
    private static readonly Instant Beginning = new(long.MinValue);
    private static readonly Instant End = new(long.MaxValue);

    private UnevenBooks? _uneven;

    /// <summary>One step after another, up to the first fault.</summary>
    public IEnumerable<VerificationStep> Run()
    {
        foreach ((string name, Func<(string? Fault, string Detail)> check) in (IEnumerable<(string, Func<(string?, string)>)>)
        [
            ("database", Database), ("filings", Filings), ("chain", Chain), ("anchors", Anchors), ("posted", Posted), ("accounts", Accounts),
            ("rated", Rated), ("evidence", Evidence), ("rows", Rows),
        ])
        {
            VerificationStep step = Try(name, check);
            yield return step;
            if (step.Fault is not null)
            {
                yield break;
            }
        }
    }

    private static VerificationStep Try(string name, Func<(string? Fault, string Detail)> check)
    {
        try
        {
            (string? fault, string detail) = check();
            return new VerificationStep(name, fault, detail);
        }
        catch (Exception e) when (e is not (OutOfMemoryException or OperationCanceledException))
        {
            // Whatever damage makes of a decoder's input, it is damage.
            return new VerificationStep(name, $"cannot be read: {e.Message}", string.Empty);
        }
    }

    private (string?, string) Database() => (ledger.IntegrityProblem(), "SQLite finds the file sound");

    private (string?, string) Chain()
    {
        bool found = knownHead is null;
        IEnumerable<PostingHead> heads = (anchors?.Anchors ?? []).Select(anchor => anchor.Head).Concat(FiledHeads());
        ChainFault? fault = PostingChain.Verify(
            ledger.Postings().Select(posting =>
            {
                found |= posting.Hash == knownHead;
                return posting;
            }),
            heads);
        PostingHead head = ledger.PostingHead();
        string? missing = found ? null : $"no posting has the hash {knownHead}: the chain was rewritten or shortened";
        return (fault?.Text ?? missing ?? ledger.PageFault(), Invariant($"{head.Count} postings, head {head.Hash}"));
    }

    private IEnumerable<PostingHead> FiledHeads() => ledger.Filings().Select(filing => filing.Number == 0
        ? StatementReader.ReadStatement(filing.Content).Head
        : StatementReader.ReadAmendment(filing.Content).Head);

    private (string?, string) Anchors()
    {
        if (anchors is not var (written, badLines))
        {
            return (null, "none beside a copy");
        }

        ILookup<(string, TaxPeriod, int), string> filed = ledger.Filings().ToLookup(filing => (filing.Site, filing.Period, filing.Number), filing => filing.Hash);
        foreach (FiledHash anchor in written.Select(anchor => anchor.Filed).OfType<FiledHash>())
        {
            if (!filed[(anchor.Site, anchor.Period, anchor.Number)].Contains(anchor.Hash))
            {
                return (Invariant($"what was filed for {anchor.Site} {anchor.Period} number {anchor.Number} is not there with the hash {anchor.Hash}"), string.Empty);
            }
        }

        // Each filing writes an anchor, and so does a restore.
        string? fault = badLines.Count > 0 ? Invariant($"line {badLines[0]} of the anchor file is no anchor")
            : filed.Count > 0 && written.Count == 0 ? Invariant($"{filed.Count} statements and amendments were filed, and the anchor file that each was noted in is gone")
            : null;
        return (fault, Invariant($"{written.Count} anchors"));
    }

    private (string?, string) Filings()
    {
        IReadOnlyList<Filing> filings = ledger.Filings();
        foreach (IGrouping<(string Site, TaxPeriod Period), Filing> period in filings.GroupBy(filing => (filing.Site, filing.Period)))
        {
            int number = 0;
            foreach (Filing filing in period)
            {
                string name = Invariant($"{filing.Site} {filing.Period} number {filing.Number}");
                if (filing.Number != number++)
                {
                    return (Invariant($"{filing.Site} {filing.Period} number {number - 1} is missing"), string.Empty);
                }

                string hash = Convert.ToHexStringLower(SHA256.HashData(filing.Content));
                if (hash != filing.Hash)
                {
                    return ($"{name} carries the hash {filing.Hash}, its content has {hash}", string.Empty);
                }

                string of = filing.Number == 0 ? filing.Hash : StatementReader.ReadAmendment(filing.Content).StatementHash;
                if (of != period.First().Hash)
                {
                    return ($"{name} amends {of}, which is not its statement", string.Empty);
                }
            }
        }

        return (null, Invariant($"{filings.Count} filed statements and amendments"));
    }

    private (string?, string) Posted() => (
        (_uneven ??= ledger.UnevenBooks()).Posting is { } off
            ? Invariant($"the postings of {off.Site}/{off.Device} on {off.Day:yyyy-MM-dd} do not sum to its books")
            : null,
        "postings sum to the books, but for what is due");

    private (string?, string) Accounts() => (
        (_uneven ??= ledger.UnevenBooks()).Account is { } off
            ? Invariant($"the accounts of {off.Site} on {off.Day:yyyy-MM-dd} do not sum to its device-days")
            : null,
        "accounts sum to device-days");

    private (string?, string) Rated()
    {
        var again = new FiledAgain(ledger);
        foreach (IGrouping<(string Site, TaxPeriod Period), Filing> period in ledger.Filings().GroupBy(filing => (filing.Site, filing.Period)))
        {
            if (again.Fault([.. period]) is { } fault)
            {
                return (fault, string.Empty);
            }
        }

        return (null, Invariant($"{again.Rated} statements and amendments rated again from their postings")
            + (again.WithoutFacts == 0 ? string.Empty : Invariant($"; {again.WithoutFacts} were filed without the facts they were rated by")));
    }

    private (string?, string) Evidence()
    {
        var memory = new ShardMemory();
        var codec = new DeviceStateCodec(MeterContexts.Load(ledger.State(MeterContexts.StateKey)));
        (int devices, int whole, int taken) = (0, 0, 0);
        foreach (DeviceRow row in ledger.Devices())
        {
            if (ledger.StateOf(row.Id) is not { } state)
            {
                return ($"the state of {row.Key} is missing", string.Empty);
            }

            var device = new TrackedDevice(row.Id, row.Key, memory);
            codec.Read(state.State, device);
            var proof = new EvidenceProof(
                device,
                ledger.BlocksFrom(row.Id, Beginning),
                ledger.Hours(row.Id, DateOnly.MinValue, DateOnly.MaxValue),
                ledger.HoursStand(row.Id));
            if (proof.StandIsMissing)
            {
                return ($"{row.Key}: where its hours stand is missing", string.Empty);
            }

            var book = new DeviceBook(
                ledger.DeviceDays(row.Id, DateOnly.MinValue, DateOnly.MaxValue).ToDictionary(day => day.Day, day => day.Energy),
                [.. ledger.GapsOf(row.Id, Beginning, End)],
                [.. ledger.MeterEventsOf(row.Id, Beginning, End)]);
            if (proof.Fault(book) is { } off)
            {
                return ($"{row.Key}{off}", string.Empty);
            }

            devices++;
            whole += proof.IsWhole ? 1 : 0;
            taken += book.Gaps.Count(gap => proof.IsTaken(gap)) + book.Events.Count(meterEvent => proof.IsTaken(meterEvent));
            device.Meter.Release();
        }

        string gone = string.Join(", ", ledger.EvidenceDroppedCounts().Select(dropped => Invariant($"{dropped.Value} by {dropped.Key}")));
        return (
            null,
            Invariant($"{devices} devices metered again from kept readings, {whole} of them from their first; ")
                + (gone.Length == 0 ? "none were let go" : $"readings let go, of which the hours were counted: {gone}")
                + (taken == 0 ? string.Empty : Invariant($"; {taken} gaps and events cannot be found again, for want of their readings: sealed only")));
    }

    private (string?, string) Rows()
    {
        (string? fault, long rows, int tables) = ledger.RowFault();
        return (fault, Invariant($"{rows} rows of {tables} tables are as they were written; not sealed, as nothing is billed by them: {string.Join(", ", LedgerReader.Unsealed)}"));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
