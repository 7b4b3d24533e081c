using Microsoft.Data.Sqlite;

namespace FleetMonitor.Ledger.Store;

/// <summary>The tables, and how an older ledger becomes one of this version. A version, once released, never changes.</summary>
internal static class LedgerSchema
{
    /// <summary>"FLMN": other programs' databases are told apart from a ledger by it.</summary>
    private const int ApplicationId = 0x464C4D4E;

    /// <summary>The first version whose rows are sealed.</summary>
    private const int SealedFrom = 5;

    /// <summary>The version after which postings lie on pages.</summary>
    private const int PagesFrom = 2;

    private static readonly string[] Versions =
    [
        """
        CREATE TABLE state (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
        -- Tells this ledger from every other: the subscriber's client id is made from it.
        INSERT INTO state VALUES ('ledger-id', randomblob(8));
        CREATE TABLE device (id INTEGER PRIMARY KEY, site TEXT NOT NULL, device TEXT NOT NULL, first_seen INTEGER NOT NULL,
            UNIQUE (site, device));
        -- The inputs decided since the oldest checkpoint: folded into the device states at start.
        CREATE TABLE journal (sequence INTEGER PRIMARY KEY, now INTEGER NOT NULL, entries BLOB NOT NULL);
        CREATE TABLE device_state (device INTEGER PRIMARY KEY, applied INTEGER NOT NULL, state BLOB NOT NULL);
        -- The books: energy in microwatt-hours by device and local day (days since 0001-01-01).
        CREATE TABLE device_day (device INTEGER NOT NULL, day INTEGER NOT NULL, register INTEGER NOT NULL, integrated INTEGER NOT NULL,
            estimated INTEGER NOT NULL, PRIMARY KEY (device, day)) WITHOUT ROWID;
        CREATE INDEX device_day_by_day ON device_day (day);
        CREATE TABLE account_day (site TEXT NOT NULL, day INTEGER NOT NULL, class TEXT NOT NULL, tenant TEXT NOT NULL,
            register INTEGER NOT NULL, integrated INTEGER NOT NULL, estimated INTEGER NOT NULL,
            PRIMARY KEY (site, day, class, tenant)) WITHOUT ROWID;
        CREATE TABLE gap (device INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, reason INTEGER NOT NULL,
            found INTEGER NOT NULL, PRIMARY KEY (device, start, end)) WITHOUT ROWID;
        CREATE TABLE meter_event (device INTEGER NOT NULL, at INTEGER NOT NULL, kind INTEGER NOT NULL, before INTEGER NOT NULL,
            after INTEGER NOT NULL, PRIMARY KEY (device, at, kind)) WITHOUT ROWID;
        -- The evidence: kept readings in compressed blocks, each with where metering stood before it.
        CREATE TABLE evidence (device INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL,
            before BLOB NOT NULL, readings BLOB NOT NULL, PRIMARY KEY (device, first)) WITHOUT ROWID;
        CREATE TABLE late_reading (device INTEGER NOT NULL, at INTEGER NOT NULL, received INTEGER NOT NULL, reading BLOB NOT NULL,
            PRIMARY KEY (device, at, reading)) WITHOUT ROWID;
        CREATE TABLE quarantine (id INTEGER PRIMARY KEY AUTOINCREMENT, received INTEGER NOT NULL, source TEXT NOT NULL,
            reason TEXT NOT NULL, place TEXT NOT NULL, detail TEXT NOT NULL, topic BLOB NOT NULL, payload BLOB NOT NULL,
            fingerprint INTEGER NOT NULL UNIQUE);
        CREATE INDEX quarantine_by_reason ON quarantine (reason);
        CREATE TABLE anomaly (id TEXT PRIMARY KEY, site TEXT NOT NULL, device TEXT NOT NULL, kind TEXT NOT NULL, severity TEXT NOT NULL,
            raised INTEGER NOT NULL, cleared INTEGER, json TEXT NOT NULL) WITHOUT ROWID;
        CREATE INDEX anomaly_by_time ON anomaly (raised);
        CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, windows INTEGER NOT NULL, points INTEGER NOT NULL, lines BLOB NOT NULL);
        CREATE TABLE point_reject (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, reason TEXT NOT NULL,
            points INTEGER NOT NULL, lines BLOB NOT NULL);
        CREATE TABLE session_gap (id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, start INTEGER NOT NULL,
            end INTEGER NOT NULL, detail TEXT NOT NULL);
        CREATE TABLE redelivery (source TEXT NOT NULL, packet INTEGER NOT NULL, fingerprint INTEGER NOT NULL,
            PRIMARY KEY (source, packet)) WITHOUT ROWID;
        """,
        """
        -- The postings: each carries the SHA-256 of its canonical form, which holds that of the one before it.
        CREATE TABLE posting (seq INTEGER PRIMARY KEY, posted INTEGER NOT NULL, kind INTEGER NOT NULL, site TEXT NOT NULL, device INTEGER,
            day INTEGER NOT NULL, register INTEGER NOT NULL, integrated INTEGER NOT NULL, estimated INTEGER NOT NULL,
            charge TEXT, amount TEXT, currency TEXT, reason TEXT, person TEXT, hash BLOB NOT NULL);
        CREATE INDEX posting_by_device_day ON posting (device, day);
        -- Manual adjustments and turnover: what people entered.
        CREATE INDEX posting_by_hand ON posting (site, day) WHERE kind >= 3;
        CREATE TRIGGER posting_stays BEFORE UPDATE ON posting BEGIN SELECT RAISE(ABORT, 'postings never change'); END;
        CREATE TRIGGER posting_remains BEFORE DELETE ON posting BEGIN SELECT RAISE(ABORT, 'postings are never removed'); END;
        CREATE TRIGGER posting_follows BEFORE INSERT ON posting WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM posting)
            BEGIN SELECT RAISE(ABORT, 'postings are only appended'); END;
        -- Filed statements (number 0) and their amendments, as the bytes that were filed.
        CREATE TABLE filing (site TEXT NOT NULL, period TEXT NOT NULL, number INTEGER NOT NULL, hash TEXT NOT NULL, content BLOB NOT NULL,
            PRIMARY KEY (site, period, number));
        CREATE TRIGGER filing_stays BEFORE UPDATE ON filing BEGIN SELECT RAISE(ABORT, 'what was filed never changes'); END;
        CREATE TRIGGER filing_remains BEFORE DELETE ON filing BEGIN SELECT RAISE(ABORT, 'what was filed is never removed'); END;
        CREATE TRIGGER filing_follows BEFORE INSERT ON filing
            WHEN EXISTS (SELECT 1 FROM filing WHERE site = NEW.site AND period = NEW.period AND number = NEW.number)
            BEGIN SELECT RAISE(ABORT, 'what was filed is never replaced'); END;
        -- What the postings of metered energy sum to; where the books differ, a posting is due.
        ALTER TABLE device_day ADD COLUMN posted_register INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE device_day ADD COLUMN posted_integrated INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE device_day ADD COLUMN posted_estimated INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX device_day_due ON device_day (day)
            WHERE register <> posted_register OR integrated <> posted_integrated OR estimated <> posted_estimated;
        """,
        """
        -- The postings of metered energy, many to a row; what people entered stays a row each.
        CREATE TABLE posting_page (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, posted INTEGER NOT NULL, kind INTEGER NOT NULL,
            site TEXT NOT NULL, reason TEXT, from_day INTEGER NOT NULL, to_day INTEGER NOT NULL, from_device INTEGER NOT NULL,
            to_device INTEGER NOT NULL, lines BLOB NOT NULL, hash BLOB NOT NULL);
        CREATE INDEX posting_page_by_day ON posting_page (from_day, to_day, from_device, to_device);
        DROP INDEX posting_by_device_day;
        DROP INDEX posting_by_hand;
        DROP TRIGGER posting_stays;
        DROP TRIGGER posting_remains;
        DROP TRIGGER posting_follows;
        ALTER TABLE posting RENAME TO posting_of_2;
        CREATE TABLE posting (seq INTEGER PRIMARY KEY, posted INTEGER NOT NULL, kind INTEGER NOT NULL, site TEXT NOT NULL, device INTEGER,
            day INTEGER NOT NULL, register INTEGER NOT NULL, integrated INTEGER NOT NULL, estimated INTEGER NOT NULL,
            charge TEXT, amount TEXT, currency TEXT, reason TEXT, person TEXT, hash BLOB NOT NULL);
        CREATE INDEX posting_by_day ON posting (site, day);
        INSERT INTO posting SELECT * FROM posting_of_2 WHERE kind >= 3;
        -- Device-days whose books have changed since they were posted.
        CREATE TABLE due_day (device INTEGER NOT NULL, day INTEGER NOT NULL, PRIMARY KEY (device, day)) WITHOUT ROWID;
        INSERT INTO due_day SELECT device, day FROM device_day
            WHERE register <> posted_register OR integrated <> posted_integrated OR estimated <> posted_estimated;
        DROP INDEX device_day_due;
        ALTER TABLE device_day DROP COLUMN posted_register;
        ALTER TABLE device_day DROP COLUMN posted_integrated;
        ALTER TABLE device_day DROP COLUMN posted_estimated;
        -- What kept readings leave behind when they are let go: by device and local day, where its hours' registers stood and their energy.
        CREATE TABLE device_hours (device INTEGER NOT NULL, day INTEGER NOT NULL, hours BLOB NOT NULL, PRIMARY KEY (device, day)) WITHOUT ROWID;
        -- The first day from which they hold all that was let go, and where metering stood after it, by the hour.
        CREATE TABLE device_hours_stand (device INTEGER PRIMARY KEY, since INTEGER NOT NULL, run BLOB NOT NULL);
        CREATE INDEX evidence_by_end ON evidence (last);
        CREATE TABLE evidence_size (blocks INTEGER NOT NULL, bytes INTEGER NOT NULL);
        INSERT INTO evidence_size SELECT count(*), coalesce(sum(length(before) + length(readings)), 0) FROM evidence;
        CREATE TRIGGER evidence_comes AFTER INSERT ON evidence
            BEGIN UPDATE evidence_size SET blocks = blocks + 1, bytes = bytes + length(NEW.before) + length(NEW.readings); END;
        CREATE TRIGGER evidence_goes AFTER DELETE ON evidence
            BEGIN UPDATE evidence_size SET blocks = blocks - 1, bytes = bytes - length(OLD.before) - length(OLD.readings); END;
        -- What was let go, by the day (of UTC) on which it was.
        CREATE TABLE evidence_dropped (day INTEGER NOT NULL, reason TEXT NOT NULL, readings INTEGER NOT NULL, bytes INTEGER NOT NULL,
            first INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (day, reason)) WITHOUT ROWID;
        -- The fleet files and rate schedules that statements were made by, compressed, under the SHA-256 that the statement names.
        CREATE TABLE filed_source (hash TEXT PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID;
        CREATE TRIGGER source_stays BEFORE UPDATE ON filed_source BEGIN SELECT RAISE(ABORT, 'what was filed by never changes'); END;
        CREATE TRIGGER source_remains BEFORE DELETE ON filed_source BEGIN SELECT RAISE(ABORT, 'what was filed by is never removed'); END;
        """,
        """
        -- The anomaly that stands for this one and its like.
        ALTER TABLE anomaly ADD COLUMN cause TEXT;
        CREATE INDEX anomaly_standing ON anomaly (raised) WHERE cleared IS NULL;
        CREATE INDEX anomaly_by_cause ON anomaly (cause) WHERE cause IS NOT NULL;
        -- What became of alerts and what people did about them: history, and what those outside are told from.
        CREATE TABLE alert_event (seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, anomaly TEXT NOT NULL, event TEXT NOT NULL,
            told INTEGER NOT NULL, person TEXT, reason TEXT, json TEXT NOT NULL);
        CREATE INDEX alert_event_by_anomaly ON alert_event (anomaly);
        CREATE TRIGGER alert_event_stays BEFORE UPDATE ON alert_event BEGIN SELECT RAISE(ABORT, 'what happened never changes'); END;
        CREATE TRIGGER alert_event_remains BEFORE DELETE ON alert_event BEGIN SELECT RAISE(ABORT, 'what happened is never removed'); END;
        """,
        """
        -- How many rows a table has, by device or site where it has them, and what their digests sum to.
        CREATE TABLE row_seal (part NOT NULL, name TEXT NOT NULL, rows INTEGER NOT NULL, seal BLOB NOT NULL, PRIMARY KEY (part, name)) WITHOUT ROWID;
        """,
        """
        -- What has come is counted once a commit, by the writer. And the triggers that keep the seals are made anew.
        DROP TRIGGER evidence_comes;
        """,
    ];

    private const string AppendOnly3 =
        """
        DROP TABLE posting_of_2;
        CREATE TRIGGER posting_stays BEFORE UPDATE ON posting BEGIN SELECT RAISE(ABORT, 'postings never change'); END;
        CREATE TRIGGER posting_remains BEFORE DELETE ON posting BEGIN SELECT RAISE(ABORT, 'postings are never removed'); END;
        CREATE TRIGGER posting_follows BEFORE INSERT ON posting WHEN NEW.seq <> 1 + max(
                (SELECT coalesce(max(seq), 0) FROM posting), (SELECT coalesce(max(last), 0) FROM posting_page WHERE first = (SELECT max(first) FROM posting_page)))
            BEGIN SELECT RAISE(ABORT, 'postings are only appended'); END;
        CREATE TRIGGER page_stays BEFORE UPDATE ON posting_page BEGIN SELECT RAISE(ABORT, 'postings never change'); END;
        CREATE TRIGGER page_remains BEFORE DELETE ON posting_page BEGIN SELECT RAISE(ABORT, 'postings are never removed'); END;
        CREATE TRIGGER page_follows BEFORE INSERT ON posting_page WHEN NEW.first <> 1 + max(
                (SELECT coalesce(max(seq), 0) FROM posting), (SELECT coalesce(max(last), 0) FROM posting_page WHERE first = (SELECT max(first) FROM posting_page)))
            BEGIN SELECT RAISE(ABORT, 'postings are only appended'); END;
        """;

    /// <summary>The schema this program reads and writes.</summary>
    public static int Current => Versions.Length;

    /// <param name="upTo">Stops at an earlier version, to show that the later ones follow from it.</param>
    /// <param name="progress">Hears how far an older ledger has come; of a new one there is nothing to say.</param>
    /// <exception cref="LedgerException">The file is another program's, or a newer version's.</exception>
    public static void Migrate(SqliteConnection connection, string file, int? upTo = null, Action<string>? progress = null)
    {
        int version = Check(connection, file);
        Action<string> tell = version == 0 || progress is null ? static _ => { } : progress;
        using var statements = new TransactionStatements(connection);
        for (; version < (upTo ?? Current); version++)
        {
            tell(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{file} is brought from schema {version} to {version + 1}"));
            using LedgerTransaction transaction = LedgerTransaction.Begin(statements);
            Execute(connection, Versions[version]);
            if (version == PagesFrom)
            {
                PostingPages.TakeOver(connection);
                Execute(connection, AppendOnly3);
            }

            if (version + 1 == SealedFrom)
            {
                RowSeals.Seal(connection, tell);
            }

            if (version + 1 >= SealedFrom)
            {
                RowSeals.Install(connection);
            }

            Execute(connection, $"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {version + 1};");
            transaction.Commit();
        }
    }

    /// <summary>The version that the file has; zero where it is new.</summary>
    /// <exception cref="LedgerException">The file is another program's, or a newer version's.</exception>
    public static int Check(SqliteConnection connection, string file)
    {
        int version = (int)Number(connection, "PRAGMA user_version");
        long application = Number(connection, "PRAGMA application_id");
        if (application != ApplicationId && (application != 0 || version != 0))
        {
            throw new LedgerException($"{file} is not a FleetMonitor ledger. Choose another Ledger:Directory.");
        }

        if (version > Current)
        {
            throw new LedgerException(
                $"{file} was written by a newer version (schema {version}, this one knows {Current}). Run that version, or a newer one.");
        }

        return version;
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static long Number(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
