using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>The machine of a run.</summary>
/// <param name="Processor">The processor's name, or its architecture where the system does not tell.</param>
/// <param name="LogicalProcessors">How many threads run at once.</param>
/// <param name="MemoryBytes">The memory that the process may use.</param>
internal sealed record MachineDescription(string Processor, int LogicalProcessors, long MemoryBytes)
{
    private const string LinuxFile = "/proc/cpuinfo", LinuxKey = "model name";

    /// <summary>This machine.</summary>
    public static MachineDescription Current => new(ProcessorName(), Environment.ProcessorCount, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    private static string ProcessorName()
    {
        string? name = File.Exists(LinuxFile)
            ? File.ReadLines(LinuxFile).FirstOrDefault(line => line.StartsWith(LinuxKey, StringComparison.Ordinal))?.Split(':', 2)[^1].Trim()
            : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
        return string.IsNullOrEmpty(name) ? RuntimeInformation.ProcessArchitecture.ToString() : name;
    }
}
