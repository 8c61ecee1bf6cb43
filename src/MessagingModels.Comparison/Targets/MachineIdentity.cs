using System.Security.Cryptography;
using System.Text;

namespace MessagingModels.Comparison.Targets;

/// <summary>What tells this machine from another of the same type.</summary>
internal static class MachineIdentity
{
    /// <summary>Where Linux keeps the id that an installation got when it was made (man 5 machine-id); the second is the place of older ones.</summary>
    private static readonly string[] Places = ["/etc/machine-id", "/var/lib/dbus/machine-id"];

    /// <summary>A hash of the machine's id, or of its host name where there is none.</summary>
    public static string Read() => Hash(Places.Select(ReadFile).FirstOrDefault(static id => id.Length > 0) ?? Environment.MachineName);

    /// <summary>The id is not to leave the machine as it is, and reports are made to be passed on: hashed with the program's name, it names no machine elsewhere.</summary>
    internal static string Hash(string id) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"MessagingModels:{id}")))[..16];

    private static string ReadFile(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path).Trim() : "";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
