using System.Globalization;
using MiniMind.MLNet.Dpo.Bench.LossComparison;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args.Length == 0 || args.Contains("--help"))
{
    Console.WriteLine(ComparisonOptions.Help);
    return 0;
}
ComparisonOptions options = ComparisonOptions.Parse(args[1..]);
switch (args[0])
{
    case "measure":
        using (Comparison comparison = new(options))
            await comparison.Run();
        return 0;
    case "collapse":
        CollapseMeasurement.Run(options);
        return 0;
    case "page":
        Pages.Write();
        return 0;
    default:
        throw new ArgumentException($"'{args[0]}' is not known: measure, collapse or page.");
}
