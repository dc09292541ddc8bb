using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Bench.Lora;

/// <summary>Memory and time of a step, each variant in a process of its own.</summary>
internal static class StepComparison
{
    /// <summary>Runs the variants and prints them against training of all weights.</summary>
    public static void Run(StepShape shape, int rank, IReadOnlySet<string> wanted)
    {
        List<MeasuredStep> steps = [];
        foreach (StepVariant variant in StepVariant.All(rank).Where(variant => wanted.Count == 0 || wanted.Contains(variant.Name)))
        {
            ProcessStartInfo start = new(Environment.ProcessPath!,
                ["--child", shape.Name, variant.Name, rank.ToString(CultureInfo.InvariantCulture)])
            { RedirectStandardOutput = true };
            using Process child = Process.Start(start)!;
            string output = child.StandardOutput.ReadToEnd();
            child.WaitForExit();
            if (child.ExitCode != 0)
                throw new InvalidOperationException($"'{variant.Name}' ended with exit code {child.ExitCode}.");
            MeasuredStep step = JsonSerializer.Deserialize<MeasuredStep>(output)!;
            steps.Add(step);
            MeasuredStep first = steps[0];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{shape.Name,-8} {step.Variant,-20} {step.PeakMegabytes,7:F0} MiB ({step.PeakMegabytes / first.PeakMegabytes,4:P0} of {first.Variant}), " +
                    $"trained state {step.StateMegabytes,8:F1} MiB ({step.StateMegabytes / first.StateMegabytes:P2}), " +
                $"weights {step.WeightMegabytes,7:F1} MiB, a pass {step.PassMegabytes:F0}, managed {step.ManagedMegabytes:F0}, " +
                    $"code {step.FileMegabytes:F0} MiB, step {step.StepSeconds:F3} s ({step.StepSeconds / first.StepSeconds:P0}), " +
                    $"processors {step.ProcessorSeconds:F3} s ({step.ProcessorSeconds / first.ProcessorSeconds:P0})"));
        }
        if (steps.Count > 1)
        {
            Console.WriteLine($"bound: of a step's products (forward of policy and reference, two backward), those for the weights' gradients fall away, " +
                $"a quarter: {0.75:P0} of full training's where the head is small.");
        }
    }
}
