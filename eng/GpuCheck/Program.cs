using GpuCheck;
using MiniMind.MLNet.Dpo.Modeling.Native;
using TorchSharp;

CheckOptions options;
try
{
    TorchNativeLibrary.EnsureLoaded();
    options = CheckOptions.Parse(args);
}
catch (Exception fault) when (fault is DllNotFoundException or ArgumentException or FormatException)
{
    Console.Error.WriteLine(fault.Message);
    return 2;
}
Report report = new();
report.Line(
    $"{options.Device}, TorchSharp {typeof(torch).Assembly.GetName().Version}, libtorch from " +
    $"{Environment.GetEnvironmentVariable("MINIMIND_TORCH_HOME") ?? "beside the program"}, {torch.get_num_threads()} threads");
Parity.Logits(options.Device, report);
Parity.Steps(options.Device, report);
WholeRun.Losses(options, report);
WholeRun.Memory(options, report);
double matmul = Speed.MatmulRate(options);
report.Line($"     a plain bf16 matrix product reaches {matmul / 1e12:G3} TFLOP/s");
double flash = Speed.FlashRatio(options);
if (options.Gpu)
    report.Check("causal attention's time with the flash kernel over that without", 1 / flash, 1);
else
    report.Line($"     the switch for the flash kernel changes causal attention's speed by {flash:F2} (a CPU has no such switch)");
report.Row($"| hidden | parameters | batch | pairs/s | tokens/s | of a bf16 matrix product |");
report.Row($"|---|---|---|---|---|---|");
foreach (int hidden in options.Hidden)
    Speed.Measure(options, hidden, matmul, report);
report.End();
return report.Good ? 0 : 1;
