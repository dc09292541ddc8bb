using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tool.Terminal;

namespace MiniMind.MLNet.Dpo.Tool.Commands;

/// <summary><c>dpo report</c>: a run on one page.</summary>
internal sealed class ReportCommand : ToolCommand
{
    /// <inheritdoc />
    public override Command Create(Func<ParseResult, ToolConsole> consoleOf)
    {
        Argument<string> run = new("run") { Description = "the folder of a run, as 'train' writes it" };
        Option<string?> output = new("--output") { Description = "The page; by default report.html in the run's folder", HelpName = "FILE" };
        Command command = new("report", "Writes the report of a run: one HTML file, which needs no network and no scripts.") { run, output };
        command.SetAction(parsed =>
        {
            ToolConsole console = consoleOf(parsed);
            Write(parsed.GetRequiredValue(run), parsed.GetValue(output), console);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Write(string run, string? output, ToolConsole console)
    {
        if (output is not null && Directory.Exists(output))
            throw new ArgumentException($"--output is '{output}', a folder; it must name a file, such as {Path.Combine(output, "report.html")}.");
        if (output is not null && Path.GetDirectoryName(Path.GetFullPath(output)) is { } folder && !Directory.Exists(folder))
            throw new ArgumentException($"--output is '{output}', but there is no folder '{folder}'.");
        string path = new MLContext().Preferences.WriteReport(run, output);
        long bytes = new FileInfo(path).Length;
        console.Line($"wrote {path} ({(bytes + 1023) / 1024} KiB)");
        console.Event("report", new JsonObject { ["path"] = path, ["bytes"] = bytes });
    }
}
