using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tool.Terminal;
using Spectre.Console;

namespace MiniMind.MLNet.Dpo.Tool.Tests.Infrastructure;

/// <summary>What a command gave, run in this process with a console of the tests.</summary>
/// <param name="Exit">The exit code.</param>
/// <param name="Output">What it wrote.</param>
/// <param name="Errors">Its warnings and errors.</param>
internal sealed record ToolRun(int Exit, string Output, string Errors)
{
    private const int Width = 100;

    /// <summary>The lines of the output.</summary>
    public string[] Lines => Output.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');

    /// <summary>The objects of the output with --json.</summary>
    public JsonObject[] Events => [.. Lines.Select(line => (JsonObject)JsonNode.Parse(line)!)];

    /// <summary>The objects of a kind.</summary>
    public JsonObject[] EventsOf(string kind) => [.. Events.Where(line => line["event"]!.GetValue<string>() == kind)];

    /// <summary>Runs a command.</summary>
    public static ToolRun Of(params string[] arguments) => Of("", arguments);

    /// <summary>Runs a command that reads what a person types.</summary>
    /// <param name="typed">What the person types.</param>
    /// <param name="arguments">The command.</param>
    /// <param name="stopAt">The text of the output at which it is asked to stop; <see langword="null"/> for never.</param>
    public static ToolRun Of(string typed, string[] arguments, string? stopAt = null)
    {
        using CancellationTokenSource stop = new();
        StringWriter errors = new();
        WatchedWriter output = new(text =>
        {
            if (stopAt is not null && text.Contains(stopAt, StringComparison.Ordinal))
                stop.Cancel();
        });
        IAnsiConsole screen = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(output),
        });
        screen.Profile.Width = Width;
        ToolConsole console = new(output, errors, new StringReader(typed), screen);
        int exit = ToolApplication.RunAsync(arguments, console, stop.Token).GetAwaiter().GetResult();
        foreach (string written in new[] { output.ToString(), errors.ToString() })
            written.Where(character => char.IsControl(character) && character is not ('\n' or '\r' or '\t')).Should().BeEmpty("nothing commands the terminal");
        return new ToolRun(exit, output.ToString(), errors.ToString());
    }
}
