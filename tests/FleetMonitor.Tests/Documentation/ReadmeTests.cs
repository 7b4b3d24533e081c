using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace FleetMonitor.Tests.Documentation;

/// <summary>
/// Runs the console blocks of what people follow, one after the other in one directory, as a newcomer would type them, and compares what they
/// print. A <c>…</c> stands for anything.
/// </summary>
public partial class ReadmeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "fleetmonitor");

    [Theory]
    [InlineData("README.md")]
    [InlineData("config/README.md")]
    public async Task ConsoleBlocks_TypedAsWritten_PrintWhatTheDocumentSays(string document)
    {
        string readme = await File.ReadAllTextAsync(Repository.File(document));
        DirectoryInfo directory = Directory.CreateTempSubdirectory("fleetmonitor-readme-");
        try
        {
            foreach (string folder in (string[])["config", "tests", "docker"])
            {
                Directory.CreateSymbolicLink(Path.Combine(directory.FullName, folder), Repository.File(folder));
            }

            (string Command, string Expected)[] typed = [.. Typed(readme).Where(entry => !IsExempt(readme, entry.Command))];
            Assert.True(typed.Length >= 8, $"{document} shows fewer commands than this test expects to find.");
            foreach ((string command, string expected) in typed)
            {
                await CheckAsync(command, expected, directory.FullName);
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("src/README.md")]
    [InlineData("config/README.md")]
    [InlineData("docker/grafana/README.md")]
    [InlineData("config/profiles/README.md")]
    [InlineData("config/levy/README.md")]
    public async Task Links_LeadToFilesThatExist(string document)
    {
        string text = await File.ReadAllTextAsync(Repository.File(document));
        string folder = Path.GetDirectoryName(Repository.File(document))!;

        string[] broken =
        [
            .. LinkPattern().Matches(text)
                .Select(match => match.Groups[1].Value)
                .Where(target => !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith('#'))
                .Where(target => !Path.Exists(Path.Combine(folder, target))),
        ];

        Assert.Empty(broken);
    }

    /// <summary>Commands and the lines that follow each, from blocks marked <c>console</c>, wherever they are indented to.</summary>
    private static IEnumerable<(string Command, string Expected)> Typed(string readme)
    {
        foreach (Match block in BlockPattern().Matches(readme))
        {
            string indent = block.Groups[1].Value;
            string? command = null;
            var expected = new StringBuilder();
            foreach (string raw in block.Groups[2].Value.Split('\n'))
            {
                string line = raw.StartsWith(indent, StringComparison.Ordinal) ? raw[indent.Length..] : raw;
                if (line.StartsWith("$ ", StringComparison.Ordinal))
                {
                    if (command is not null)
                    {
                        yield return (command, expected.ToString());
                    }

                    command = line[2..];
                    expected.Clear();
                }
                else if (line.Trim().Length > 0)
                {
                    expected.AppendLine(line.TrimEnd());
                }
            }

            if (command is not null)
            {
                yield return (command, expected.ToString());
            }
        }
    }

    /// <summary>The one table of commands that cannot be run says which.</summary>
    private static bool IsExempt(string readme, string command)
    {
        string table = readme[readme.IndexOf("own test does not run", StringComparison.Ordinal)..];
        return ExemptPattern().Matches(table)
            .SelectMany(match => match.Groups[1].Value.Split("`, `"))
            .Any(exempt => command.StartsWith(exempt.TrimEnd('…', ' '), StringComparison.Ordinal));
    }

    /// <summary>Types one command; one that does not end by itself gets Ctrl-C once it has said what the README shows.</summary>
    private static async Task CheckAsync(string command, string expected, string directory)
    {
        string line = CommandPattern().Replace(command, Program + " ", 1);
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec " + line])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var printed = new StringBuilder();
        using Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, data) => Append(printed, data.Data);
        process.ErrorDataReceived += (_, data) => Append(printed, data.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            while (!process.HasExited && !(command.EndsWith("demo", StringComparison.Ordinal) && Matches(printed, expected)))
            {
                await Task.Delay(100, patience.Token);
            }

            if (!process.HasExited)
            {
                using Process interrupt = Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
                await interrupt.WaitForExitAsync(patience.Token);
            }

            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }

        lock (printed)
        {
            Assert.True(Matches(printed, expected), $"$ {command}\nprinted:\n{printed}\nand the document says:\n{expected}");
        }
    }

    /// <summary>Each line of the document stands among the lines printed; stdout and stderr may come in either order.</summary>
    private static bool Matches(StringBuilder printed, string expected)
    {
        string[] lines;
        lock (printed)
        {
            lines = printed.ToString().Split('\n');
        }

        return expected.Split('\n', StringSplitOptions.RemoveEmptyEntries).All(wanted =>
        {
            var pattern = new Regex("^" + Regex.Escape(wanted.TrimEnd('\r')).Replace("…", ".*", StringComparison.Ordinal) + "$");
            return lines.Any(line => pattern.IsMatch(line.TrimEnd()));
        });
    }

    private static void Append(StringBuilder printed, string? line)
    {
        if (line is not null)
        {
            lock (printed)
            {
                printed.Append(line).Append('\n');
            }
        }
    }

    [GeneratedRegex("^(dotnet run --project src/FleetMonitor.Service --|fleetmonitor) ")]
    private static partial Regex CommandPattern();

    [GeneratedRegex(@"^([ ]*)```console\n(.*?)^[ ]*```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex BlockPattern();

    [GeneratedRegex(@"^\| `([^|]+)` \|", RegexOptions.Multiline)]
    private static partial Regex ExemptPattern();

    [GeneratedRegex(@"\]\(([^)#]+)[^)]*\)")]
    private static partial Regex LinkPattern();
}
