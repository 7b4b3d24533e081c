using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using FleetMonitor.Service.Identity;

namespace FleetMonitor.Service.Commands;

/// <summary><c>fleetmonitor hash password</c> and <c>fleetmonitor hash key</c>: what the access file keeps of a secret on stdin.</summary>
internal static class HashCommand
{
    /// <summary>Shorter ones are guessed where only a fast hash protects them.</summary>
    private const int ShortestKey = 24;

    public static Command Create() => new("hash", "What the access file keeps in place of a password or key. Reads the secret from stdin, so that no process list shows it.")
    {
        Password(), Key(),
    };

    private static Command Password()
    {
        Option<int> iterations = Arguments.Integer(
            "--iterations",
            PasswordHash.DefaultIterations,
            1,
            PasswordHash.MostIterations,
            "PBKDF2 rounds. Fewer (1000) only for long random passwords, where every rig has its own and all log in at once.");
        var command = new Command("password", $"Hashes a listener user's password: {PasswordHash.Form}, as in a mosquitto password file.") { iterations };
        command.SetAction(parsed => Print(secret => PasswordHash.Of(secret, parsed.GetValue(iterations)).Text));
        return command;
    }

    private static Command Key()
    {
        var command = new Command("key", "Hashes an API key (SHA-256). Keys are long and random: openssl rand -hex 32");
        command.SetAction(_ => Print(secret =>
        {
            if (secret.Length < ShortestKey)
            {
                Console.Error.WriteLine($"A key this short can be guessed from its hash: take {ShortestKey} random characters or more, as from openssl rand -hex 32.");
            }

            return Convert.ToHexStringLower(SHA256.HashData(secret));
        }));
        return command;
    }

    private static int Print(Func<byte[], string> hash)
    {
        if (Console.In.ReadLine() is not { Length: > 0 } secret)
        {
            Console.Error.WriteLine("Write the secret to stdin, on one line.");
            return ExitCode.WrongUsage;
        }

        Console.WriteLine(hash(Encoding.UTF8.GetBytes(secret)));
        return ExitCode.Done;
    }
}
