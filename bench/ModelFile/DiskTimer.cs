using System.Diagnostics;

namespace MiniMind.MLNet.Dpo.Bench.ModelFile;

/// <summary>Seconds of work with files, written files on the disk included.</summary>
internal static class DiskTimer
{
    /// <summary>Seconds of an action that writes a file, until the file is on the disk.</summary>
    public static double Write(string path, Action write)
    {
        File.Delete(path);
        long start = Stopwatch.GetTimestamp();
        write();
        using (FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite))
            file.Flush(flushToDisk: true);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Seconds of an action that reads.</summary>
    public static double Read(Action read)
    {
        long start = Stopwatch.GetTimestamp();
        read();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>A plain copy, by the framework's own means.</summary>
    public static void Copy(string from, string to)
    {
        using FileStream source = File.OpenRead(from), target = File.Create(to);
        source.CopyTo(target, 1 << 20);
    }

    /// <summary>The middle of several measurements.</summary>
    public static double Median(IEnumerable<double> seconds) => seconds.Order().ToArray() is var sorted ? sorted[sorted.Length / 2] : 0;
}
