using System.Diagnostics;
using FleetMonitor.Benchmarks.Load;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry;
using Microsoft.Data.Sqlite;

namespace FleetMonitor.Benchmarks.Baselines;

/// <summary>What consuming took.</summary>
internal sealed record ConsumeCost(double PerSecond, double CpuSecondsPerMillion);

/// <summary>
/// A durable consumer as one would write it in an afternoon: decode with a document, and for each message a transaction that keeps the reading
/// and adds up the device's energy, with its own fsync. No metering rules, no late readings, no duplicates, no evidence to prove it by.
/// </summary>
internal sealed class NaiveConsumer : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _update;
    private readonly RigPayload _payload = new();
    private readonly byte[] _bytes = new byte[RigPayload.MaxBytes];

    public NaiveConsumer(string file)
    {
        _connection = new SqliteConnection($"Data Source={file};Pooling=False");
        _connection.Open();
        Execute(
            """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
            CREATE TABLE reading (device TEXT, at INTEGER, power INTEGER, register INTEGER, hash_rate INTEGER, temperature INTEGER, PRIMARY KEY (device, at));
            CREATE TABLE device (id TEXT PRIMARY KEY, register INTEGER, energy INTEGER);
            """);
        _insert = Prepare("INSERT OR IGNORE INTO reading VALUES ($device, $at, $power, $register, $hash_rate, $temperature)");
        _update = Prepare(
            """
            INSERT INTO device VALUES ($device, $register, 0)
            ON CONFLICT (id) DO UPDATE SET energy = energy + max(0, excluded.register - register), register = excluded.register
            """);
    }

    /// <summary>Takes messages, of devices in turn, for some seconds.</summary>
    public ConsumeCost Take(double atLeast, int devices)
    {
        byte[][] topics = [.. Enumerable.Range(0, devices).Select(RigPayload.Topic)];
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long began = Stopwatch.GetTimestamp();
        int messages = 0;
        for (; Stopwatch.GetElapsedTime(began).TotalSeconds < atLeast; messages++)
        {
            int rig = messages % devices;
            int length = _payload.Write(rig, Instant.From(DateTimeOffset.UtcNow), _bytes);
            (_, string device, Reading reading) = NaiveDecoder.Decode(topics[rig], _bytes.AsMemory(0, length));
            using SqliteTransaction transaction = _connection.BeginTransaction();
            Run(_insert, transaction, device, reading);
            Run(_update, transaction, device, reading);
            transaction.Commit();
        }

        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        return new ConsumeCost(messages / seconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds * 1_000_000 / messages);
    }

    public void Dispose()
    {
        _insert.Dispose();
        _update.Dispose();
        _connection.Dispose();
    }

    private static void Run(SqliteCommand command, SqliteTransaction transaction, string device, in Reading reading)
    {
        command.Transaction = transaction;
        command.Parameters["$device"].Value = device;
        command.Parameters["$at"].Value = reading.At.UnixMilliseconds;
        command.Parameters["$power"].Value = reading.Power.Milliwatts;
        command.Parameters["$register"].Value = reading.Register.MicrowattHours;
        command.Parameters["$hash_rate"].Value = reading.HashRate.MegahashesPerSecond;
        command.Parameters["$temperature"].Value = reading.Temperature.Millicelsius;
        command.ExecuteNonQuery();
    }

    private void Execute(string sql)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private SqliteCommand Prepare(string sql)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (string name in (ReadOnlySpan<string>)["$device", "$at", "$power", "$register", "$hash_rate", "$temperature"])
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        }

        return command;
    }
}
