using System.Runtime.Versioning;
using System.Text;

namespace FleetMonitor.Service.Install;

/// <summary>
/// Puts the files of an installation in their places, and says of each what it did. Done twice it changes nothing; what belongs to the site —
/// its configuration, its secrets, its ledger — is made once and never touched again.
/// </summary>
/// <param name="root">What stands for <c>/</c>.</param>
/// <param name="dryRun">Only says.</param>
[SupportedOSPlatform("linux")]
internal sealed class Installer(string root, bool dryRun, TextWriter says)
{
    public const string Program = "/opt/fleetmonitor/fleetmonitor";
    public const string Config = "/etc/fleetmonitor/fleetmonitor.json";
    public const string Sysusers = "/etc/sysusers.d/fleetmonitor.conf";

    private const string Unit = "/etc/systemd/system/fleetmonitor.service";
    private const string Resources = "install/";

    private const UnixFileMode Everybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Executable = Everybody | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const UnixFileMode RootOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const string SiteConfig = """
        // What this site changes. Every option, with its default and why, stands in fleetmonitor.defaults.json beside this file.
        // After a change: fleetmonitor check --config /etc/fleetmonitor/fleetmonitor.json, then systemctl restart fleetmonitor
        {
          "Ledger": { "Directory": "/var/lib/fleetmonitor/ledger" }
        }

        """;

    private const string Secrets = """
        # What should not stand in the configuration, as FLEETMONITOR__Section__Key=value. Only root reads this file.
        # FLEETMONITOR__Mqtt__Subscriber__Password=
        # FLEETMONITOR__Influx__Token=

        """;

    public void Install()
    {
        CopyProgram();
        Put(Sysusers, "u fleetmonitor - \"FleetMonitor\" /var/lib/fleetmonitor\n", Everybody);
        Put(Unit, Resource("fleetmonitor.service"), Everybody);
        Put("/etc/fleetmonitor/fleetmonitor.defaults.json", Resource("fleetmonitor.defaults.json"), Everybody);
        PutOnce(Config, SiteConfig, Everybody);
        PutOnce("/etc/fleetmonitor/secrets.env", Secrets, RootOnly);
        Link("/usr/local/bin/fleetmonitor", Program);
    }

    /// <summary>The one file that this program is, or the folder that it was published into.</summary>
    private void CopyProgram()
    {
        string folder = Path.GetDirectoryName(Program)!;
        string from = AppContext.BaseDirectory.TrimEnd('/');
        if (from == folder)
        {
            Say("kept", folder, "it runs from there");
            return;
        }

        // A single file brings its libraries inside; otherwise the program is what lies beside it.
        string[] files = File.Exists(Path.Combine(from, "fleetmonitor.dll"))
            ? [.. Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)]
            : [Environment.ProcessPath!];
        int changed = 0;
        foreach (string file in files)
        {
            string name = files.Length == 1 ? Path.GetFileName(Program) : Path.GetRelativePath(from, file);
            changed += Copy(file, $"{folder}/{name}") ? 1 : 0;
        }

        Say(changed == 0 ? "same" : "wrote", folder, $"{changed} of {files.Length} {(files.Length == 1 ? "file" : "files")} from {from}");
    }

    private bool Copy(string from, string to)
    {
        string target = Below(to);
        if (Same(from, target))
        {
            return false;
        }

        if (!dryRun)
        {
            MakeFolder(Path.GetDirectoryName(target)!);
            // A program that runs cannot be written to, but its name can be given to another file.
            File.Copy(from, target + ".new", overwrite: true);
            File.SetUnixFileMode(target + ".new", Path.GetFileName(to) is "fleetmonitor" ? Executable : Everybody);
            File.Move(target + ".new", target, overwrite: true);
        }

        return true;
    }

    private static bool Same(string left, string right)
    {
        if (!File.Exists(right) || new FileInfo(left).Length != new FileInfo(right).Length)
        {
            return false;
        }

        using FileStream first = File.OpenRead(left);
        using FileStream second = File.OpenRead(right);
        byte[] a = new byte[128 * 1024];
        byte[] b = new byte[a.Length];
        int read;
        while ((read = first.ReadAtLeast(a, a.Length, throwOnEndOfStream: false)) > 0)
        {
            if (second.ReadAtLeast(b.AsSpan(0, read), read, throwOnEndOfStream: false) != read || !a.AsSpan(0, read).SequenceEqual(b.AsSpan(0, read)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A file that is ours: always as this version has it.</summary>
    private void Put(string path, string content, UnixFileMode mode)
    {
        string target = Below(path);
        if (File.Exists(target) && File.ReadAllText(target) == content)
        {
            Say("same", path);
            return;
        }

        Write(target, content, mode);
        Say("wrote", path);
    }

    /// <summary>A file that is the site's from then on.</summary>
    private void PutOnce(string path, string content, UnixFileMode mode)
    {
        string target = Below(path);
        if (File.Exists(target))
        {
            Say("kept", path, "yours");
            return;
        }

        Write(target, content, mode);
        Say("wrote", path);
    }

    private void Write(string target, string content, UnixFileMode mode)
    {
        if (dryRun)
        {
            return;
        }

        MakeFolder(Path.GetDirectoryName(target)!);
        // Never readable for longer than it may be: the mode comes with the file.
        using (var stream = new FileStream(target + ".new", new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = mode }))
        {
            stream.Write(Encoding.UTF8.GetBytes(content));
        }

        File.SetUnixFileMode(target + ".new", mode);
        File.Move(target + ".new", target, overwrite: true);
    }

    /// <summary>Folders that the service can enter, whatever root's umask is.</summary>
    private static void MakeFolder(string folder)
    {
        if (!Directory.Exists(folder))
        {
            MakeFolder(Path.GetDirectoryName(folder)!);
            Directory.CreateDirectory(folder);
            File.SetUnixFileMode(folder, Executable);
        }
    }

    private void Link(string path, string to)
    {
        var link = new FileInfo(Below(path));
        if (link.LinkTarget == to)
        {
            Say("same", path);
            return;
        }

        if (link.Exists)
        {
            Say("kept", path, $"it is not ours; the program is {to}");
            return;
        }

        if (!dryRun)
        {
            MakeFolder(link.DirectoryName!);
            link.CreateAsSymbolicLink(to);
        }

        Say("wrote", path, $"-> {to}");
    }

    private void Say(string what, string path, string? detail = null) =>
        says.WriteLine($"{(dryRun && what == "wrote" ? "would write" : what),-8} {path}{(detail is null ? "" : $"  ({detail})")}");

    private string Below(string path) => Path.Combine(root, path.TrimStart('/'));

    private static string Resource(string name)
    {
        using var reader = new StreamReader(typeof(Installer).Assembly.GetManifestResourceStream(Resources + name)!);
        return reader.ReadToEnd();
    }
}
