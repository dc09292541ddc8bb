using System.Text.Json;
using System.Text.Json.Serialization;
using MiniMind.MLNet.Dpo.Bench.LongRun;

JsonSerializerOptions json = new()
{
    WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, Converters = { new JsonStringEnumConverter() },
};
switch (args)
{
    case ["--help"]:
        Console.WriteLine(LongRunOptions.Help);
        Console.WriteLine(MemoryOptions.Help);
        break;
    case ["memory", .. string[] rest]:
        MemoryTable.Print(MemoryOptions.Parse(rest));
        break;
    case [MemoryTable.Child, .. string[] rest]:
        Console.WriteLine(JsonSerializer.Serialize(MemoryRun.Of(MemoryOptions.Parse(rest))));
        break;
    default:
        Console.WriteLine(JsonSerializer.Serialize(TrainedRun.Of(LongRunOptions.Parse(args)), json));
        break;
}
