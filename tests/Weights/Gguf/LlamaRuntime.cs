using System.Diagnostics;
using System.Reflection;
using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Tests.Weights.Gguf;

/// <summary>llama.cpp, in a process of its own.</summary>
internal static class LlamaRuntime
{
    private static string Probe { get; } = typeof(LlamaRuntime).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "LlamaProbe").Value!;

    /// <summary>Asks about several files.</summary>
    public static LlamaAnswer[] Ask(params LlamaQuestion[] questions)
    {
        using TemporaryFolder folder = new();
        string asked = folder.Write("questions.json", JsonSerializer.SerializeToUtf8Bytes(questions)), answered = folder.File("answers.json");
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Probe, asked, answered])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> said = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.Should().Be(0, said.Result);
        return JsonSerializer.Deserialize<LlamaAnswer[]>(File.ReadAllBytes(answered))!;
    }
}
