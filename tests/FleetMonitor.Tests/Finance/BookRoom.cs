using System.Globalization;
using System.Text;
using System.Text.Json;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Encoding;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Service.Books;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Finance;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Telemetry;
using FleetMonitor.Telemetry.Sources;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace FleetMonitor.Tests.Finance;

/// <summary>What a device sent: its register in kWh, or its power in W, at a time with offset.</summary>
internal sealed record Sent(string Device, string At, decimal? RegisterKwh = null, decimal? PowerW = null);

/// <summary>
/// A ledger in a temporary directory, written by the same engine that serves and replays: messages go in, people act, and the books are read
/// as the commands read them.
/// </summary>
internal sealed class BookRoom : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("fleetmonitor-books-");
    private readonly SiteFiles _files;

    /// <param name="fleet">The <c>sites</c> of a fleet file; null for none.</param>
    public BookRoom(string? fleet, string now)
    {
        Clock = new BookClock(now);
        SettingsResult result = SettingsFile.Read(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Ledger:Directory"] = Path.Combine(_root.FullName, "ledger"),
            ["Ledger:BlockReadings"] = "8",
            // The clock's timers never fire: a commit that waited for one would wait for good.
            ["Ledger:CommitEvery"] = "00:00:00",
        }).Build());
        Assert.Empty(result.Problems);
        Settings = result.Settings;
        _files = new SiteFiles(FleetOf(fleet), ProfileSet.Shipped, RateSchedule.Kazakhstan);
    }

    private BookRoom(BookRoom other, string? fleet)
        : this(fleet, other.Clock.Now.ToString("O", CultureInfo.InvariantCulture)) =>
        Settings = Settings with { Ledger = Settings.Ledger with { Directory = other.Settings.Ledger.Directory } };

    public BookClock Clock { get; }

    public Settings Settings { get; }

    public LedgerFiles Ledger => new(Settings.Ledger.Directory);

    /// <summary>A path beside the ledger.</summary>
    public string PathOf(string name) => Path.Combine(_root.FullName, name);

    /// <summary>The same ledger under another fleet file. Dispose of both.</summary>
    public BookRoom Under(string fleet) => new(this, fleet);

    /// <summary>Feeds captured messages in, as <c>replay</c> does.</summary>
    public async Task ReplayAsync(string site, params Sent[] messages)
    {
        await using Engine engine = Open(clockFromMessages: true);
        await engine.StartAsync();
        await FeedAsync(engine, site, messages);
        await engine.Loop.StopAsync();
    }

    public static async Task FeedAsync(Engine engine, string site, params Sent[] messages)
    {
        (byte[] Topic, byte[] Payload, Instant At)[] raw = [.. messages.Select(sent => (
            Encoding.UTF8.GetBytes($"fleet/{site}/{sent.Device}/telemetry"),
            PayloadOf(sent),
            Instant.From(DateTimeOffset.Parse(sent.At, CultureInfo.InvariantCulture))))];
        var batch = new RawBatch("test", null, raw.Sum(message => message.Topic.Length + message.Payload.Length));
        foreach ((byte[] topic, byte[] payload, Instant at) in raw)
        {
            batch.Add(topic, payload, at, deliveredAsRetained: false);
        }

        await engine.Loop.ReceiveAsync(batch, CancellationToken.None);
    }

    /// <summary>Lets somebody act on the books, as the commands do with the ledger's lock.</summary>
    public async Task<T> ActAsync<T>(Func<Bookkeeper, Engine, Task<T>> act)
    {
        await using Engine engine = Open(clockFromMessages: false);
        await engine.StartAsync();
        using var bookkeeper = new Bookkeeper(engine, Clock, NullLogger.Instance);
        T result = await act(bookkeeper, engine);
        await engine.Loop.StopAsync();
        return result;
    }

    public Task<CloseResult> CloseAsync(string site, string period, string by, bool force = false, bool amend = false, bool dryRun = false) => ActAsync(
        (bookkeeper, _) => bookkeeper.CloseAsync(new CloseRequest(site, TaxPeriod.Parse(period), by, force, amend, dryRun), CancellationToken.None));

    /// <summary>Lets the reorder window of all readings pass.</summary>
    public Task SettleAsync() => ActAsync((_, engine) => engine.Loop.AskAsync(decider =>
    {
        decider.Tick(Instant.From(Clock.Now));
        return true;
    }));

    public Task<long> PostSettledAsync() => ActAsync((bookkeeper, _) => bookkeeper.PostSettledAsync(CancellationToken.None));

    public T Read<T>(Func<BooksView, T> read)
    {
        using BooksView books = BooksView.OpenReadOnly(Settings, _files, Instant.From(Clock.Now));
        return read(books);
    }

    public PeriodBook Period(string site, string period) => Read(books =>
    {
        var periods = new PeriodBooks(books, Instant.From(Clock.Now));
        return periods.Of(periods.Sites.Single(one => one.Id == site), TaxPeriod.Parse(period));
    });

    /// <summary>What <c>levy export</c> writes.</summary>
    public string Export(string site, string period, ExportFormat format, ExportTable table) => Read(books =>
    {
        var periods = new PeriodBooks(books, Instant.From(Clock.Now));
        PeriodBook book = periods.Of(periods.Sites.Single(one => one.Id == site), TaxPeriod.Parse(period));
        using var bytes = new MemoryStream();
        new StatementExport(periods, book, null, Settings.Levy.AccountsOf).Write(bytes, format, table);
        return Encoding.UTF8.GetString(bytes.ToArray());
    });

    /// <summary>What <c>levy trace --period --line</c> prints; null where there is no such line.</summary>
    public JsonElement? TraceLine(string site, string period, string code) => Read<JsonElement?>(books =>
    {
        var periods = new PeriodBooks(books, Instant.From(Clock.Now));
        var trace = new LineTrace(books, periods.Of(periods.Sites.Single(one => one.Id == site), TaxPeriod.Parse(period)), code);
        return trace.IsKnown ? Json(trace.Write) : null;
    });

    /// <summary>What <c>levy trace --day</c> prints.</summary>
    public JsonElement TraceDay(string site, string day) => Read(books => Json(new SiteDayTrace(
        books, new PeriodBooks(books, Instant.From(Clock.Now)).Sites.Single(one => one.Id == site), Day(day)!.Value).Write));

    /// <summary>What <c>levy periods</c> prints.</summary>
    public JsonElement Periods(string site) => Read(books =>
    {
        var periods = new PeriodBooks(books, Instant.From(Clock.Now));
        return Json(json => PeriodJson.WriteList(json, periods.Of(periods.Sites.Single(one => one.Id == site))));
    });

    public IReadOnlyList<TotalsRow> Totals(string site, string group = "", string? from = null, string? to = null) => Read(books =>
    {
        Assert.True(TotalsGroups.TryParse(group, out TotalsGroup groups, out _));
        return books.Totals(new TotalsQuery { From = Day(from), To = Day(to), Group = groups }, site);
    });

    /// <summary>The books as text: device, day, kWh by register, by power and estimated.</summary>
    public string[] DeviceDays() => Read(books => books.DeviceDays(null, null, null)
        .GroupBy(row => (row.Key, row.Day))
        .Select(rows => (rows.Key.Key, rows.Key.Day, Energy: rows.Aggregate(Metering.EnergyByQuality.Zero, (sum, row) => sum + row.Energy)))
        .Where(row => row.Energy != Metering.EnergyByQuality.Zero)
        .Select(row => $"{row.Key} {row.Day:yyyy-MM-dd} {row.Energy.Register} {row.Energy.Integrated} {row.Energy.Estimated}")
        .Order(StringComparer.Ordinal).ToArray());

    /// <summary>The chain itself, from its first posting on.</summary>
    public Posting[] Chain()
    {
        using LedgerReader reader = LedgerReader.Open(Ledger);
        return [.. reader.Postings()];
    }

    /// <summary>The chain, a line a posting: <c>1 accrual rig-1 2026-09-30 72 kWh</c>.</summary>
    public string[] Postings()
    {
        using LedgerReader reader = LedgerReader.Open(Ledger);
        return [.. reader.Postings().Select(posting =>
            $"{posting.Seq} {posting.Entry.Kind.ToString().ToLowerInvariant()} {posting.Entry.Device ?? "-"} {posting.Entry.Day:yyyy-MM-dd} "
            + $"{posting.Entry.Energy.Total}{(posting.Entry.Amount is { } amount ? " " + amount : "")}")];
    }

    /// <summary>The first thing that verification finds off, as <c>step: fault</c>; null where nothing is.</summary>
    public string? Fault(string? knownHead = null) => FaultOf(Ledger, knownHead);

    /// <param name="withAnchors">False as for a copy of the database alone.</param>
    public static string? FaultOf(LedgerFiles files, string? knownHead = null, bool withAnchors = true)
    {
        (IReadOnlyList<Anchor>, IReadOnlyList<int>)? anchors = withAnchors ? files.Anchors.Read() : null;
        using LedgerReader reader = LedgerReader.Open(files);
        return new LedgerVerification(reader, anchors, knownHead).Run().Where(step => step.Fault is not null)
            .Select(step => $"{step.Name}: {step.Fault}").FirstOrDefault();
    }

    /// <summary>Writes to the ledger behind its back.</summary>
    public void Tamper(string sql, bool withoutTriggers = true)
    {
        using SqliteConnection connection = BehindItsBack();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = (withoutTriggers ? WithoutTriggers(connection) : string.Empty) + sql;
        command.ExecuteNonQuery();
    }

    /// <summary>Writes to the ledger as if an earlier version, without seals, had: they are made when it is brought up to date.</summary>
    public void WriteUnsealed(string sql)
    {
        Tamper(sql, withoutTriggers: false);
        using SqliteConnection connection = BehindItsBack();
        RowSeals.Seal(connection, _ => { });
    }

    /// <summary>Rewrites the postings on the page that begins with one, its place among the others kept.</summary>
    public void TamperPage(long first, Func<PageLine[], IEnumerable<PageLine>> rewrite)
    {
        using SqliteConnection connection = BehindItsBack();
        using var read = new ReadStatement(connection, "SELECT lines FROM posting_page WHERE first = $1");
        PageLine[] lines = [.. rewrite(PostingPage.ReadLines(read.Query(row => (byte[])row[0], first).Single()))];
        var bytes = new ByteWriter();
        new PostingPage(first, default, default, string.Empty, null, lines, string.Empty).WriteLines(bytes);
        using var write = new WriteStatement(connection, "UPDATE posting_page SET lines = $2 WHERE first = $1");
        using SqliteCommand drop = connection.CreateCommand();
        drop.CommandText = WithoutTriggers(connection);
        drop.ExecuteNonQuery();
        write.Execute(first, bytes.ToArray());
    }

    /// <summary>What a person does first who has the database in hand: drops every trigger.</summary>
    public static string WithoutTriggers(SqliteConnection connection)
    {
        using var triggers = new ReadStatement(connection, "SELECT 'DROP TRIGGER ' || name || ';' FROM sqlite_schema WHERE type = 'trigger'");
        return string.Concat(triggers.Query(row => row.GetString(0)));
    }

    private SqliteConnection BehindItsBack()
    {
        var connection = new SqliteConnection($"Data Source={Ledger.Database};Pooling=False");
        connection.Open();
        // Who has this program's functions too is not kept out by them.
        RowSeals.Register(connection);
        return connection;
    }

    public void Dispose() => _root.Delete(recursive: true);

    public Engine Open(bool clockFromMessages) => OpenAt(Ledger, clockFromMessages);

    /// <summary>Another ledger under the same settings.</summary>
    public Engine OpenAt(LedgerFiles files, bool clockFromMessages) =>
        Engine.Open(SettingsAt(files), _files, clockFromMessages, Clock, NullLogger.Instance);

    public BooksView BooksAt(LedgerFiles files) => BooksView.OpenReadOnly(SettingsAt(files), _files, Instant.From(Clock.Now));

    private Settings SettingsAt(LedgerFiles files) => Settings with { Ledger = Settings.Ledger with { Directory = files.Directory } };

    private static FleetSnapshot FleetOf(string? sites)
    {
        if (sites is null)
        {
            return FleetSnapshot.Empty;
        }

        var parsed = FleetFile.Parse(
            Encoding.UTF8.GetBytes($"{{\"sites\":[{sites}]}}"), "fleet.json", new FleetDefaults(TimeZoneInfo.FindSystemTimeZoneById("Asia/Almaty")));
        Assert.Empty(parsed.Problems);
        return parsed.Value!;
    }

    private static byte[] PayloadOf(Sent sent)
    {
        var fields = new Dictionary<string, object> { ["ts"] = sent.At };
        if (sent.RegisterKwh is { } kwh)
        {
            fields["energy_wh"] = kwh * 1000m;
        }

        if (sent.PowerW is { } watts)
        {
            fields["power_w"] = watts;
        }

        return JsonSerializer.SerializeToUtf8Bytes(fields);
    }

    private static JsonElement Json(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            write(json);
        }

        return JsonSerializer.Deserialize<JsonElement>(bytes.ToArray());
    }

    private static DateOnly? Day(string? text) => text is null ? null : DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);
}
