using System.CommandLine;
using System.Diagnostics;
using System.Runtime.Versioning;
using FleetMonitor.Service.Commands;

namespace FleetMonitor.Service.Install;

/// <summary><c>fleetmonitor install</c>: puts this program onto the machine as a service of systemd, or brings the one that is there up to it.</summary>
internal static class InstallCommand
{
    public static Command Create()
    {
        var root = new Option<DirectoryInfo>("--root")
        {
            Description = "Writes below this folder instead of /, and runs nothing: for images, and to look.",
            DefaultValueFactory = _ => new DirectoryInfo("/"),
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Says what would be done, and does nothing." };
        var noStart = new Option<bool>("--no-start") { Description = "Installs, and leaves starting to you." };
        var command = new Command("install", "Installs or upgrades the service under systemd: program, unit, user, configuration. Ledger and configuration stay.")
        {
            root, dryRun, noStart,
        };
        command.SetAction(parsed => Run(parsed.GetValue(root)!.FullName, parsed.GetValue(dryRun), !parsed.GetValue(noStart)));
        return command;
    }

    private static int Run(string root, bool dryRun, bool start)
    {
        if (!OperatingSystem.IsLinux())
        {
            Console.Error.WriteLine("install: this is for Linux with systemd");
            return ExitCode.Failed;
        }

        bool here = Path.GetFullPath(root) == "/";
        if (here && !dryRun && !Environment.IsPrivilegedProcess)
        {
            Console.Error.WriteLine("install: this takes root on a machine with systemd. Type: sudo fleetmonitor install; or look first: fleetmonitor install --dry-run");
            return ExitCode.Failed;
        }

        try
        {
            new Installer(root, dryRun, Console.Error).Install();
            return here && !dryRun ? TakeUp(start) : ExitCode.Done;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"install: {e.Message}");
            return ExitCode.Failed;
        }
    }

    /// <summary>What only the machine itself can do. A configuration that is wrong leaves the service as it runs.</summary>
    [SupportedOSPlatform("linux")]
    private static int TakeUp(bool start)
    {
        string[][] commands =
        [
            ["systemd-sysusers", Installer.Sysusers],
            [Installer.Program, "check", "--config", Installer.Config],
            ["systemctl", "daemon-reload"],
            .. start ? (string[][])[["systemctl", "enable", "fleetmonitor"], ["systemctl", "restart", "fleetmonitor"]] : [],
        ];
        foreach (string[] command in commands)
        {
            Console.Error.WriteLine($"run      {string.Join(' ', command)}");
            int code = RunOne(command);
            if (code != 0)
            {
                Console.Error.WriteLine($"install: {command[0]} ended with {code}; put that right, and install again");
                return ExitCode.Failed;
            }
        }

        return ExitCode.Done;
    }

    private static int RunOne(string[] command)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = "/" })!;
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new IOException($"{command[0]}: {e.Message}", e);
        }
    }
}
