namespace MiniMind.MLNet.Dpo.Tool.Commands;

/// <summary>All commands, in the order in which the help lists them.</summary>
internal static class ToolCommands
{
    public static IReadOnlyList<ToolCommand> All { get; } =
    [
        new TrainCommand(),
        new SftCommand(),
        new KtoCommand(),
        new EvaluateCommand(),
        new ScoreCommand(),
        new ChatCommand(),
        new ServeCommand(),
        new ExportCommand(),
        new CompareCommand(),
        new ReportCommand(),
        new InspectCommand(),
        new DiagnoseCommand(),
        new ForecastCommand(),
    ];
}
